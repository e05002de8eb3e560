import pytest

from payments.errors import InputError, NotFoundError, PayOpsError, RefusedError
from simulator.cases.environment import PayOpsEnvironment
from simulator.cases.splits import SPLITS
from simulator.cases.start import start_of
from simulator.cases.tasks import tasks
from simulator.cases.vocabulary import TIERS


def test_a_split_and_its_tiers_hold_the_same_tasks_once() -> None:
    for streams in ("train", "eval"):
        by_tier = [task for tier in TIERS for task in SPLITS[f"{streams}/{tier}"].tasks]
        assert sorted(task.task_id for task in by_tier) == sorted(task.task_id for task in tasks())
        assert sorted(task.task_id for task in SPLITS[streams].tasks) == sorted(t.task_id for t in by_tier)


def test_a_place_names_one_task() -> None:
    start = start_of({"split": "train/hard", "index": 1, "seed": 4}, "agent")
    assert (start.task, start.seed) == (SPLITS["train/hard"].tasks[1], 4)


def test_an_agent_cannot_choose_the_seed_of_an_evaluation() -> None:
    with pytest.raises(RefusedError, match="leave seed out"):
        start_of({"split": "eval/easy", "seed": 1}, "agent")


def test_a_trainer_can_choose_the_seed_of_an_evaluation() -> None:
    assert start_of({"split": "eval", "seed": 1}, "trainer").seed == 1


def test_without_a_seed_two_episodes_differ() -> None:
    first, second = (start_of({"split": "eval", "index": 0}, "agent").seed for _ in range(2))
    assert first != second


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"split": "test"}, NotFoundError, "no split 'test'"),
        ({"split": 3}, InputError, "split is 3"),
        ({"index": 10**6}, NotFoundError, "index is 1000000"),
        ({"index": -1}, NotFoundError, "index is -1"),
        ({"index": True}, InputError, "index is True"),
        ({"index": 1.5}, InputError, "index is 1.5"),
        ({"seed": -1}, InputError, "seed is -1"),
        ({"seed": 10**5000}, InputError, "a number of 16610 bits"),
        ({"seed": "7"}, InputError, "seed is '7'"),
        ({"episode_id": "x" * 256}, InputError, "at most 255 characters"),
        ({"task_id": "easy/nothing"}, NotFoundError, "no task"),
        ({"splt": "eval"}, InputError, "does not know 'splt'"),
    ],
)
def test_what_cannot_be_started_is_refused_in_a_sentence(
    options: dict[str, object], error: type[PayOpsError], words: str
) -> None:
    with pytest.raises(error, match=words):
        start_of(options, "agent")


def test_the_task_cards_of_a_split_are_its_places() -> None:
    environment = PayOpsEnvironment()
    cards = environment.list_tasks("eval/medium")
    assert len(cards) == environment.num_tasks("eval/medium")
    assert environment.get_task("eval/medium", 2) == cards[2]
    assert environment.get_task_range("eval/medium", 1, 3) == cards[1:3]


def test_a_task_card_says_nothing_about_the_task() -> None:
    families = {family.name for task in tasks() for family in task.families}
    cards = PayOpsEnvironment().list_tasks("eval")
    assert not [card for card in cards if any(name in str(card) for name in families)]


def test_a_step_after_the_end_brings_no_second_reward() -> None:
    environment = PayOpsEnvironment()
    seen = environment.reset(seed=1, task_id=tasks()[0].task_id)
    action = {"action_type": "escalate", "transaction_id": seen.transaction_id}
    rewards = [environment.act(action).reward for _ in range(2)]
    assert rewards[0] == environment.episode.value
    assert rewards[1] == 0.0
