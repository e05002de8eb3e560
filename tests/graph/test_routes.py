"""Who speaks after whom: pure functions of the state."""

import pytest

from graph.crew import after_act, after_alert, after_human, after_monitor, after_risk_officer
from graph.state import CrewState
from payments.action import Action, ActionKind, AdjustRetryPolicy, Alert, NoAction, Ruling, Suppress
from payments.incident import Decision
from payments.segment import Segment
from tests.graph.made import REROUTE, decision, plan, verdict

SCOPE = Segment.of(psp="a")

ACTIONS: dict[ActionKind, Action] = {
    ActionKind.REROUTE: REROUTE,
    ActionKind.RETRY_POLICY: AdjustRetryPolicy(scope=SCOPE, max_attempts=2, backoff_s=30.0),
    ActionKind.SUPPRESS: Suppress(scope=SCOPE),
    ActionKind.ALERT: Alert(scope=SCOPE, message="Look."),
    ActionKind.NONE: NoAction(scope=SCOPE, reason="Nothing to do."),
}

WHEN_CLEAR = {
    ActionKind.REROUTE: "act",
    ActionKind.RETRY_POLICY: "act",
    ActionKind.SUPPRESS: "act",
    ActionKind.ALERT: "alert",
    ActionKind.NONE: "learn",
}

APPROVED, REJECTED, EDITED = decision("approve"), decision("reject"), decision("edit", REROUTE)


def state(ruling: Ruling, kind: ActionKind, decided: Decision | None = None) -> CrewState:
    return CrewState(
        verdict=verdict(ruling).model_dump(mode="json"),
        plan=plan(ACTIONS[kind]).model_dump(mode="json"),
        decision=decided.model_dump(mode="json") if decided else None,
    )


@pytest.mark.parametrize("kind", ActionKind)
@pytest.mark.parametrize("decided", [None, APPROVED, EDITED])
def test_a_clear_ruling_goes_to_what_the_action_is(kind: ActionKind, decided: Decision | None) -> None:
    assert after_risk_officer(state(Ruling.ACT, kind, decided)) == WHEN_CLEAR[kind]


@pytest.mark.parametrize("kind", ActionKind)
def test_a_doubtful_ruling_tells_people_and_does_nothing_else(kind: ActionKind) -> None:
    assert after_risk_officer(state(Ruling.ASK, kind)) == "alert"


@pytest.mark.parametrize("kind", ActionKind)
@pytest.mark.parametrize("decided", [APPROVED, EDITED])
def test_a_doubt_that_a_human_has_overruled_no_longer_holds(kind: ActionKind, decided: Decision) -> None:
    assert after_risk_officer(state(Ruling.ASK, kind, decided)) == WHEN_CLEAR[kind]


@pytest.mark.parametrize("kind", ActionKind)
@pytest.mark.parametrize("decided", [None, APPROVED, EDITED])
def test_nobody_overrules_a_block(kind: ActionKind, decided: Decision | None) -> None:
    assert after_risk_officer(state(Ruling.BLOCK, kind, decided)) == "alert"


@pytest.mark.parametrize("kind", ActionKind)
@pytest.mark.parametrize("ruling", Ruling)
@pytest.mark.parametrize("decided", [None, APPROVED, EDITED])
def test_a_human_is_asked_once_and_only_about_a_doubt(
    kind: ActionKind, ruling: Ruling, decided: Decision | None
) -> None:
    asks = ruling is Ruling.ASK and decided is None
    assert after_alert(state(ruling, kind, decided)) == ("human_checkpoint" if asks else "learn")


@pytest.mark.parametrize(
    ("decided", "goes_to"),
    [(APPROVED, "risk_officer"), (EDITED, "risk_officer"), (REJECTED, "learn"), (None, "learn")],
)
def test_an_approval_or_edit_is_checked_again_and_a_rejection_is_learned(
    decided: Decision | None, goes_to: str
) -> None:
    assert after_human(state(Ruling.ASK, ActionKind.REROUTE, decided)) == goes_to


@pytest.mark.parametrize(
    ("given", "goes_to"),
    [
        (CrewState(), "__end__"),
        (CrewState(ended=True), "__end__"),
        (CrewState(finding=None, outcome=None), "__end__"),
        (CrewState(finding={"at": "now"}), "analyst"),
        (CrewState(finding={"at": "now"}, watch=False), "analyst"),
        (CrewState(finding={"at": "now"}, watch=True), "__end__"),
        (CrewState(outcome={"effect": "helped"}), "learn"),
        (CrewState(outcome={"effect": "helped"}, finding={"at": "now"}), "learn"),
    ],
)
def test_the_monitor_is_followed_by_who_has_something_to_do(given: CrewState, goes_to: str) -> None:
    assert after_monitor(given) == goes_to


@pytest.mark.parametrize(
    ("given", "goes_to"),
    [
        (CrewState(outcome=None), "__end__"),
        (CrewState(), "__end__"),
        (CrewState(outcome={"effect": "not_measured"}), "alert"),
    ],
)
def test_an_action_that_could_not_be_done_is_told_at_once(given: CrewState, goes_to: str) -> None:
    assert after_act(given) == goes_to
