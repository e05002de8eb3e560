"""What an incident leaves as its lesson: above all which targets proved sound, and which bad."""

from datetime import timedelta

import pytest

from graph.lately import NO_TARGET
from graph.lessons import lesson_of
from payments.action import Reroute
from payments.incident import Incident
from payments.intervention import Intervention, TargetEvidence
from payments.outcome import Effect, Outcome
from tests.graph.made import REROUTE
from tests.memory.stock import AT, decision, incident, plan
from tests.payments.made import diagnosis

ENDED = Outcome(effect=Effect.HELPED, payments_saved=None, sentence="It helped.")


def closed(outcome: Outcome = ENDED) -> Incident:
    return incident(plan=plan(), outcome=outcome).model_copy(
        update={"diagnosis": diagnosis(), "decision": decision()}
    )


def in_force(action: Reroute = REROUTE, dropped: tuple[str, ...] = (), **shown: float) -> Intervention:
    return Intervention(
        key="abcd-1:1",
        incident_id="abcd-1",
        feed="feed",
        action=action,
        dropped=dropped,
        started_at=AT,
        expires_at=AT + timedelta(minutes=10),
        evidence={name: TargetEvidence(sound=nats) for name, nats in shown.items()},
    )


def targets(*interventions: Intervention, outcome: Outcome = ENDED) -> dict[str, float]:
    shape = lesson_of(closed(outcome), interventions).shape
    return {name: value for name, value in shape.items() if ":" in name}


def test_a_target_that_showed_itself_sound_is_remembered_as_such_and_an_unproved_one_not() -> None:
    assert targets(in_force(b=1.5, c=0.2)) == {"target:b": 1.0}


def test_a_target_that_left_is_remembered_as_bad_whatever_it_showed_before() -> None:
    assert targets(in_force(b=2.0, c=2.0), in_force(dropped=("c",), b=2.0)) == {
        "target:b": 1.0,
        "target:c": 0.0,
    }


def test_when_no_target_was_left_all_were_bad() -> None:
    nothing_left = ENDED.model_copy(update={"reverted_because": NO_TARGET})
    assert targets(in_force(b=-9.0), outcome=nothing_left) == {"target:b": 0.0, "target:c": 0.0}


def test_an_action_without_targets_leaves_the_look_alone() -> None:
    assert lesson_of(closed()).shape == diagnosis().shape


def test_an_incident_without_an_outcome_teaches_nothing() -> None:
    with pytest.raises(ValueError, match="has no diagnosis, outcome yet"):
        lesson_of(incident(plan=plan()))
