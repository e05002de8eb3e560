from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.recent import RecentIncidents
from payments.action import ActionKind, Effect
from payments.incident import Status
from payments.segment import Segment
from tests.memory.stock import ALPHA, AT, incident, outcome, plan

ALPHA_UPI = Segment.of(psp="alpha", method="upi")
BETA = Segment.of(psp="beta")


@pytest.mark.parametrize("segment", [ALPHA, ALPHA_UPI, Segment({})], ids=["same", "within", "around"])
def test_the_same_fault_is_known_by_a_comparable_segment(segment: Segment) -> None:
    buffer = RecentIncidents(5)
    buffer.update(incident())
    assert buffer.matching(segment, AT) == incident()


def test_another_segment_is_another_fault() -> None:
    buffer = RecentIncidents(5)
    buffer.update(incident())
    assert buffer.matching(BETA, AT) is None


def test_a_closed_incident_matches_nothing_and_masks_nothing() -> None:
    buffer = RecentIncidents(5)
    buffer.update(incident())
    buffer.update(incident(status=Status.CLOSED))
    assert buffer.matching(ALPHA, AT) is None
    assert buffer.culprits() == ()
    assert len(buffer) == 1


def test_an_incident_does_not_match_before_it_was_opened() -> None:
    buffer = RecentIncidents(5)
    buffer.update(incident())
    assert buffer.matching(ALPHA, AT - timedelta(seconds=1)) is None


def test_culprits_are_named_once() -> None:
    buffer = RecentIncidents(5)
    for name, culprit in (("one", ALPHA), ("two", BETA), ("three", ALPHA)):
        buffer.update(incident(name, culprit=culprit))
    assert sorted(map(str, buffer.culprits())) == ["psp=alpha", "psp=beta"]


def test_only_the_same_action_on_the_same_scope_without_effect_counts() -> None:
    buffer = RecentIncidents(9)
    tried = [(ALPHA, Effect.NO_EFFECT), (ALPHA, Effect.HARMED), (ALPHA, Effect.HELPED), (BETA, Effect.HARMED)]
    for number, (scope, effect) in enumerate(tried):
        buffer.update(incident(f"tried-{number}", plan=plan(scope), outcome=outcome(effect)))
    buffer.update(incident("planned", plan=plan(ALPHA)))
    assert buffer.count_without_effect(ALPHA, ActionKind.SUPPRESS) == 2
    assert buffer.count_without_effect(ALPHA, ActionKind.REROUTE) == 0


def test_a_closed_incident_is_remembered_while_there_is_room() -> None:
    buffer = RecentIncidents(5)
    for number in range(7):
        buffer.update(incident(f"one-{number}", status=Status.CLOSED))
        assert len(buffer) == min(number + 1, 5)


@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from(Status)), max_size=60), st.integers(1, 6))
def test_it_forgets_closed_incidents_only_and_stays_small(
    updates: list[tuple[int, Status]], maxlen: int
) -> None:
    buffer, last = RecentIncidents(maxlen), dict[int, Status]()
    for number, status in updates:
        buffer.update(incident(f"one-{number}", status=status))
        last[number] = status
    live = {f"one-{number}" for number, status in last.items() if status is not Status.CLOSED}
    assert {found.id for found in buffer.live()} == live
    assert len(buffer) <= max(maxlen, len(live))


def test_a_buffer_for_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="buffer of 0 incidents"):
        RecentIncidents(0)
