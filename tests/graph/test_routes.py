"""Who speaks after whom: pure functions of the state."""

import pytest

from graph.crew import after_act, after_human, after_monitor, after_risk_officer, after_second_opinion
from graph.state import CrewState
from payments.action import Action, ActionKind, AdjustRetryPolicy, Alert, NoAction, Suppress
from payments.decision import Decision
from payments.segment import Segment
from payments.verdict import Mode, Ruling
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
RESPONDED, IGNORED = decision("respond", note="Look again."), decision("ignore")


def state(
    ruling: Ruling, kind: ActionKind, decided: Decision | None = None, mode: Mode = Mode.AUTOPILOT
) -> CrewState:
    ruled = verdict(ruling).model_copy(update={"mode": mode})
    return CrewState(
        verdict=ruled.model_dump(mode="json"),
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
@pytest.mark.parametrize("decided", [None, APPROVED, EDITED])
def test_only_the_ruling_counts_so_that_a_second_person_is_asked_after_the_first(
    kind: ActionKind, decided: Decision | None
) -> None:
    asks = state(Ruling.ASK, kind, decided)
    assert after_risk_officer(asks) == "alert"
    assert after_second_opinion(asks) == "human_checkpoint"


@pytest.mark.parametrize("kind", ActionKind)
@pytest.mark.parametrize("ruling", Ruling)
def test_in_shadow_mode_nobody_is_asked_or_told(ruling: Ruling, kind: ActionKind) -> None:
    recorded = ruling is Ruling.ACT and WHEN_CLEAR[kind] == "act"
    assert after_risk_officer(state(ruling, kind, mode=Mode.SHADOW)) == ("act" if recorded else "learn")


@pytest.mark.parametrize("kind", ActionKind)
@pytest.mark.parametrize("decided", [None, APPROVED, EDITED])
def test_nobody_overrules_a_block(kind: ActionKind, decided: Decision | None) -> None:
    assert after_risk_officer(state(Ruling.BLOCK, kind, decided)) == "alert"


@pytest.mark.parametrize("kind", ActionKind)
@pytest.mark.parametrize("ruling", Ruling)
@pytest.mark.parametrize("decided", [None, APPROVED, EDITED])
def test_a_human_is_asked_about_a_doubt_and_nothing_else(
    kind: ActionKind, ruling: Ruling, decided: Decision | None
) -> None:
    asks = ruling is Ruling.ASK
    assert after_second_opinion(state(ruling, kind, decided)) == ("human_checkpoint" if asks else "learn")


@pytest.mark.parametrize(
    ("decided", "goes_to"),
    [
        (APPROVED, "risk_officer"),
        (EDITED, "risk_officer"),
        (RESPONDED, "planner"),
        (REJECTED, "learn"),
        (IGNORED, "learn"),
        (None, "human_checkpoint"),
    ],
)
def test_each_answer_goes_to_who_has_to_deal_with_it(decided: Decision | None, goes_to: str) -> None:
    assert after_human(state(Ruling.ASK, ActionKind.REROUTE, decided)) == goes_to


@pytest.mark.parametrize(
    ("given", "goes_to"),
    [
        (CrewState(), "__end__"),
        (CrewState(finding=None, outcome=None), "__end__"),
        (CrewState(finding={"at": "now"}), "analyst"),
        (CrewState(outcome={"effect": "helped"}), "learn"),
        (CrewState(outcome={"effect": "helped"}, finding={"at": "now"}), "learn"),
    ],
)
def test_the_monitor_is_followed_by_who_has_something_to_do(given: CrewState, goes_to: str) -> None:
    assert after_monitor(given) == goes_to


@pytest.mark.parametrize(
    ("given", "goes_to"),
    [
        (CrewState(outcome=None), "second_opinion"),
        (CrewState(), "second_opinion"),
        (CrewState(outcome={"effect": "not_measured"}), "alert"),
    ],
)
def test_an_action_that_could_not_be_done_is_told_at_once(given: CrewState, goes_to: str) -> None:
    assert after_act(given) == goes_to


@pytest.mark.parametrize(
    ("given", "goes_to"),
    [
        (CrewState(receipt={"key": "k"}), "__end__"),
        (CrewState(receipt={"key": "k"}, outcome=None), "__end__"),
        (CrewState(receipt=None), "learn"),
        (CrewState(receipt=None, outcome={"effect": "not_measured"}), "learn"),
    ],
)
def test_what_is_in_force_ends_the_run_and_all_else_is_learned(given: CrewState, goes_to: str) -> None:
    ruled: CrewState = {**state(Ruling.ACT, ActionKind.REROUTE), **given}
    assert after_second_opinion(ruled) == goes_to
