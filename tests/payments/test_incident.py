from typing import Any

from payments.decision import Decision
from payments.finding import Finding, Signal
from payments.incident import Incident, Status
from payments.outcome import Effect, Outcome
from payments.verdict import Check, Ruling, Verdict
from tests.payments.made import ALPHA, AT, LINK, diagnosis, plan, reroute


def finding() -> Finding:
    signal = Signal(
        kind="failures", segment=ALPHA, onset=AT, observed=90.0, expected=9.5, attempts=100, log_evidence=40.0
    )
    return Finding(at=AT, since=AT, signals=(signal,), threshold=9.2, ticks_learned=720)


def incident(**changes: Any) -> Incident:  # noqa: ANN401 - the fields of Incident
    given: dict[str, Any] = {
        "id": "i-1",
        "feed": "test",
        "status": Status.OPEN,
        "opened_at": AT,
        "updated_at": AT,
        "finding": finding(),
    }
    return Incident.model_validate(given | changes)


def test_an_incident_survives_json_at_every_stage() -> None:
    check = Check(name="confidence", passed=True, sentence="Sure.", on_failure="ask", measured=0.9, limit=0.8)
    verdict = Verdict(ruling=Ruling.ACT, risk="low", confidence=0.9, checks=(check,), sentence="Go.")
    whole = incident(
        diagnosis=diagnosis(),
        plan=plan(reroute()),
        verdict=verdict,
        decision=Decision(type="edit", by="ada", at=AT, action=reroute(0.1)),
        outcome=Outcome(effect=Effect.HELPED, payments_saved=None, sentence="Better."),
        status=Status.CLOSED,
        closed_because="recovered",
    )
    for stage in (incident(), incident(diagnosis=diagnosis()), whole):
        assert Incident.model_validate_json(stage.model_dump_json()) == stage


def test_the_culprit_is_the_strongest_signal_until_there_is_a_diagnosis() -> None:
    assert incident().culprit == ALPHA
    assert incident(diagnosis=diagnosis(culprit=LINK)).culprit == LINK
