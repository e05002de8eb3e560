"""The decision of the next step: pure, and safe whatever the evidence."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.planner.rollout import (
    Drop,
    Hold,
    RolloutSettings,
    Step,
    Undo,
    at_step,
    decide,
    first_number,
    first_step,
)
from payments.action import LEAST_SHARE, Reroute, Suppress
from payments.intervention import Intervention, TargetEvidence
from payments.segment import Segment

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SETTINGS = RolloutSettings()
SOUND, BAD, NOTHING = TargetEvidence(sound=1.0), TargetEvidence(sound=-9.9, worse=9.9), TargetEvidence()
GOAL = Reroute(
    scope=Segment.of(psp="a"),
    from_route="a",
    to={"b": 0.5, "c": 0.3, "d": 0.2},
    share=0.98,
    limits_per_s={"b": 50.0, "c": 30.0, "d": 20.0},
)
UNLIMITED = GOAL.model_copy(update={"limits_per_s": {}})


def at(step: int, goal: Reroute = GOAL, dropped: tuple[str, ...] = ()) -> Intervention:
    return Intervention(
        key="i:1",
        incident_id="i",
        feed="f",
        action=at_step(goal, SETTINGS.rollout_steps[step - 1], dropped),
        goal=goal,
        step=step,
        dropped=dropped,
        started_at=NOON,
        expires_at=NOON + timedelta(seconds=900),
    )


def then(
    step: int = 1,
    after_s: float = 5.0,
    *,
    helps: bool = False,
    goal: Reroute = GOAL,
    **evidence: TargetEvidence,
) -> Step | Drop | Undo | Hold:
    now = NOON + timedelta(seconds=after_s)
    return decide(at(step, goal), evidence, now, SETTINGS, helps=helps)


def test_a_reroute_begins_with_a_tenth_of_what_the_plan_wants() -> None:
    first = first_step(GOAL, SETTINGS)
    assert isinstance(first, Reroute)
    assert first.share == pytest.approx(0.098)
    assert first.to == pytest.approx(GOAL.to)
    assert first.limits_per_s == GOAL.limits_per_s


def test_another_action_is_in_force_at_once() -> None:
    suppress = Suppress(scope=Segment.of(psp="a"))
    assert first_step(suppress, SETTINGS) == suppress
    whole = at(1).model_copy(update={"action": suppress, "goal": suppress})
    assert isinstance(decide(whole, {}, NOON, SETTINGS, helps=False), Hold)


def test_the_next_step_comes_when_every_target_is_sound() -> None:
    found = then(b=SOUND, c=SOUND, d=SOUND)
    assert isinstance(found, Step)
    assert found.number == 2
    assert found.action.share == pytest.approx(0.245)


def test_one_target_without_evidence_holds_the_step() -> None:
    assert isinstance(then(b=SOUND, c=SOUND), Hold)


def test_after_a_minute_without_contrary_evidence_the_step_comes_anyway() -> None:
    assert isinstance(then(after_s=55.0, b=NOTHING, c=NOTHING, d=NOTHING), Hold)
    assert isinstance(then(after_s=60.0, b=NOTHING, c=NOTHING, d=NOTHING), Step)


def test_contrary_evidence_holds_the_step_for_longer() -> None:
    assert isinstance(then(after_s=600.0, b=SOUND, c=SOUND, d=TargetEvidence(sound=-1.0)), Hold)


def test_the_wait_counts_from_the_last_step() -> None:
    stepped = at(2).model_copy(update={"stepped_at": NOON + timedelta(seconds=50)})
    assert isinstance(decide(stepped, {}, NOON + timedelta(seconds=100), SETTINGS, helps=False), Hold)
    assert isinstance(decide(stepped, {}, NOON + timedelta(seconds=110), SETTINGS, helps=False), Step)


def test_the_last_step_is_the_goal_and_a_probe_stays_on_the_source() -> None:
    found = then(3, b=SOUND, c=SOUND, d=SOUND)
    assert isinstance(found, Step)
    assert found.action.share == GOAL.share < 1.0
    assert isinstance(then(4, b=SOUND, c=SOUND, d=SOUND), Hold)


def test_a_bad_target_leaves_and_its_part_goes_to_the_others_within_their_limits() -> None:
    found = then(2, b=SOUND, c=BAD, d=SOUND)
    assert isinstance(found, Drop)
    assert found.targets == ("c",)
    assert found.action.share == pytest.approx(0.25 * 0.98)
    assert found.action.to == pytest.approx({"b": 5 / 7, "d": 2 / 7})
    assert found.action.limits_per_s == {"b": 50.0, "d": 20.0}


def test_without_limits_the_part_of_a_bad_target_stays_on_the_source() -> None:
    found = then(2, goal=UNLIMITED, b=SOUND, c=BAD, d=SOUND)
    assert isinstance(found, Drop)
    assert found.action.share == pytest.approx(0.25 * 0.98 * 0.7)


def test_a_target_that_left_does_not_come_back_with_the_next_step() -> None:
    stepped = decide(at(2, dropped=("c",)), {"b": SOUND, "d": SOUND}, NOON, SETTINGS, helps=False)
    assert isinstance(stepped, Step)
    assert set(stepped.action.to) == {"b", "d"}


def test_a_target_that_left_before_a_crash_stays_out() -> None:
    unrecorded = at(2, dropped=("c",)).model_copy(update={"dropped": ()})
    stepped = decide(unrecorded, {"b": SOUND, "d": SOUND}, NOON, SETTINGS, helps=False)
    assert isinstance(stepped, Step)
    assert set(stepped.action.to) == {"b", "d"}


def test_without_a_target_left_all_is_undone() -> None:
    assert isinstance(then(b=BAD, c=BAD, d=BAD), Undo)


def test_a_target_that_was_to_get_nothing_cannot_take_over() -> None:
    goal = GOAL.model_copy(update={"to": {"b": 1.0, "c": 0.0}})
    assert isinstance(then(goal=goal, b=BAD), Undo)


def test_targets_that_are_all_worse_than_usual_stay_while_the_action_helps() -> None:
    assert isinstance(then(helps=True, b=BAD, c=BAD, d=BAD), Hold)


def test_a_bad_target_leaves_although_the_action_helps_when_another_is_better() -> None:
    assert isinstance(then(helps=True, b=SOUND, c=BAD, d=SOUND), Drop)


@pytest.mark.parametrize("steps", [(), (0.5,), (0.5, 0.2, 1.0), (0.0, 1.0), (0.1, 0.1, 1.0)])
def test_steps_that_do_not_rise_to_all_are_refused(steps: tuple[float, ...]) -> None:
    with pytest.raises(ValidationError, match="steps of a rollout"):
        RolloutSettings(rollout_steps=steps)


EVIDENCE = st.builds(
    TargetEvidence, sound=st.floats(-50, 50), worse=st.floats(0, 50), overloaded=st.booleans()
)


@given(
    step=st.integers(1, 4),
    evidence=st.dictionaries(st.sampled_from(["b", "c", "d", "x"]), EVIDENCE),
    after_s=st.floats(0, 900),
    helps=st.booleans(),
    share=st.floats(LEAST_SHARE, 0.98),
    limited=st.booleans(),
)
def test_whatever_is_decided_stays_within_the_goal(
    step: int,
    evidence: dict[str, TargetEvidence],
    after_s: float,
    helps: bool,
    share: float,
    limited: bool,
) -> None:
    goal = (GOAL if limited else UNLIMITED).model_copy(update={"share": share})
    found = then(step, after_s, helps=helps, goal=goal, **evidence)
    if isinstance(found, Step | Drop):
        Reroute.model_validate(found.action.model_dump())
        assert found.action.share <= goal.share
        assert set(found.action.to) <= set(goal.to)
        assert sum(found.action.to.values()) == pytest.approx(1.0)
        assert all(goal.limits_per_s[name] == most for name, most in found.action.limits_per_s.items())
        assert limited == bool(found.action.limits_per_s)
        assert all(evidence.get(name, NOTHING).worse < SETTINGS.drop_log_evidence for name in found.action.to)


@pytest.mark.parametrize(("per_s", "number"), [(20.0, 1), (2.1, 1), (2.0, 2), (0.5, 3), (0.01, 3)])
def test_where_little_is_paid_the_first_step_is_one_that_tells_something(per_s: float, number: int) -> None:
    assert first_number(GOAL, per_s, SETTINGS) == number


def test_what_is_no_reroute_or_has_one_step_begins_with_it() -> None:
    assert first_number(Suppress(scope=GOAL.scope), 0.01, SETTINGS) == 1
    assert first_number(GOAL, 0.01, RolloutSettings(rollout_steps=(1.0,))) == 1
