import pytest
from pydantic import ValidationError

from simulator.cases.engine import Episode
from simulator.cases.environment import PayOpsEnvironment, reward
from simulator.cases.models import PayOpsAction, PayOpsObservation, PayOpsState
from simulator.cases.policies import optimal, play
from simulator.cases.tasks import Task, tasks
from simulator.cases.views import view_of
from simulator.cases.vocabulary import View


@pytest.mark.parametrize("view", ["agent", "trainer"])
@pytest.mark.parametrize("task", tasks(), ids=lambda task: task.task_id)
def test_what_the_views_build_is_what_the_model_accepts_unchanged(task: Task, view: View) -> None:
    episode = Episode(task, 5)
    while not episode.done:
        fields = view_of(episode, view)
        assert set(fields) == set(PayOpsObservation.model_fields)
        assert PayOpsObservation.model_validate(fields).model_dump() == fields
        episode.take(optimal(episode))
    assert PayOpsObservation.model_validate(view_of(episode, view)).done


def test_an_episode_can_be_played_through_the_models() -> None:
    environment = PayOpsEnvironment()
    seen = environment.reset(seed=1)
    seen = environment.step(PayOpsAction(action_type="inspect", transaction_id=seen.transaction_id))
    assert seen.inspection_notes
    assert environment.state.investigation_actions_used == ["inspect"]


def test_the_state_of_an_agent_says_nothing_about_the_answer() -> None:
    environment = PayOpsEnvironment()
    seen = environment.reset(seed=1, task_id=tasks()[-1].task_id)
    environment.step(PayOpsAction(action_type="hold", transaction_id=seen.transaction_id))
    state = environment.state
    told = (state.current_task_id, state.total_tasks, state.cumulative_reward, state.episode_seed)
    assert told == ("", 0, 0.0, None)


def test_a_reward_is_itemised_with_every_published_key() -> None:
    graded = reward(play(optimal, Episode(tasks()[0], 1)))
    assert sum(graded.breakdown.values()) == pytest.approx(graded.value)
    assert len(graded.breakdown) == 6


@pytest.mark.parametrize("confidence", [float("nan"), 1.01, -0.5])
def test_a_confidence_that_is_no_probability_is_refused(confidence: float) -> None:
    with pytest.raises(ValidationError):
        PayOpsAction(action_type="approve", transaction_id="TX", confidence=confidence)


def test_a_state_refuses_a_misspelt_field() -> None:
    with pytest.raises(ValidationError):
        PayOpsState.model_validate({"budget_spend": 1.0})
