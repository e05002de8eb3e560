"""From checks to a ruling, a risk and one sentence."""

from datetime import timedelta

import pytest

from agents.risk_officer import RiskOfficer
from guardrails.policy import Freeze, Policy
from payments.action import Action, AdjustRetryPolicy, Alert, NoAction, Suppress
from payments.verdict import Mode, Ruling
from tests.guardrails.made import facts
from tests.payments.made import ALPHA, AT, LINK, ROUTES, diagnosis, reroute, route, tally

OFFICER = RiskOfficer(Policy())


def test_confidence_at_the_threshold_acts() -> None:
    assert OFFICER.review(facts(diagnosis=diagnosis(confidence=0.8))).ruling is Ruling.ACT


def test_confidence_just_below_the_threshold_asks() -> None:
    verdict = OFFICER.review(facts(diagnosis=diagnosis(confidence=0.7999)))
    assert verdict.ruling is Ruling.ASK
    assert verdict.confidence == 0.7999
    assert verdict.sentence.endswith("A human must decide: Confidence is 0.7999, below the required 0.8.")


@pytest.mark.parametrize(("volume", "ruling"), [(5000.0, Ruling.ACT), (5001.0, Ruling.ASK)])
def test_the_volume_limit_is_the_last_that_acts(volume: float, ruling: Ruling) -> None:
    retry = AdjustRetryPolicy(scope=ALPHA, max_attempts=2, backoff_s=30.0)
    assert (
        OFFICER.review(facts(retry, diagnosis=diagnosis("retry_storm", attempts_per_window=volume))).ruling
        is ruling
    )


def test_what_nobody_may_do_outranks_what_a_human_may() -> None:
    verdict = OFFICER.review(facts(kill_switch_on=True, diagnosis=diagnosis(confidence=0.1)))
    assert verdict.ruling is Ruling.BLOCK
    assert "kill switch is on" in verdict.sentence
    assert "Confidence" not in verdict.sentence


def test_a_reroute_during_an_issuer_outage_is_blocked_however_sure_the_crew_is() -> None:
    assert OFFICER.review(facts(diagnosis=diagnosis("issuer_outage", confidence=1.0))).ruling is Ruling.BLOCK


@pytest.mark.parametrize(
    "action", [Alert(scope=ALPHA, message="Look."), NoAction(scope=ALPHA, reason="Fine.")]
)
@pytest.mark.parametrize(("confidence", "ruling"), [(0.8, Ruling.ACT), (0.7999, Ruling.ASK)])
def test_alerts_and_doing_nothing_need_confidence_only(
    action: Action, confidence: float, ruling: Ruling
) -> None:
    verdict = OFFICER.review(facts(action, diagnosis=diagnosis(confidence=confidence), kill_switch_on=True))
    assert verdict.ruling is ruling
    assert verdict.risk == "low"


def test_the_sentence_of_an_act_says_what_was_checked() -> None:
    verdict = OFFICER.review(facts())
    assert verdict.failed == ()
    assert verdict.sentence.startswith(f"All {len(verdict.checks)} checks passed. Confidence is 0.9")


def test_the_sentence_says_when_the_actuator_only_records() -> None:
    assert "only records" in OFFICER.review(facts(changes_traffic=False)).sentence


def test_the_risk_grows_with_breadth_tightness_and_invisible_recovery() -> None:
    small = diagnosis(culprit=LINK, counted=tally(300))
    roomy = (ROUTES[0], route("beta", capacity=500.0), route("gamma", capacity=500.0))
    narrow, wide = reroute(0.5, scope=LINK), reroute(0.6)
    assert OFFICER.review(facts(narrow, diagnosis=small, routes=roomy)).risk == "low"
    assert OFFICER.review(facts(Suppress(scope=LINK), diagnosis=small, routes=roomy)).risk == "medium"
    assert OFFICER.review(facts(wide, routes=roomy)).risk == "medium"
    assert OFFICER.review(facts(wide, routes=roomy, total_attempts_per_window=6000.0)).risk == "medium"
    # 65 of 65 attempts a second on each target
    assert OFFICER.review(facts(wide, total_attempts_per_window=6000.0)).risk == "high"


def test_an_unknown_capacity_is_a_high_risk_for_a_broad_action() -> None:
    unknown = (ROUTES[0], route("beta", capacity=None), route("gamma", capacity=None))
    assert OFFICER.review(facts(routes=unknown)).risk == "high"


FREEZE = Policy(freezes=(Freeze(start=AT, end=AT + timedelta(hours=1), why="peak days"),))


def test_what_a_human_may_overrule_is_done_once_one_has() -> None:
    unsure = facts(diagnosis=diagnosis(confidence=0.5), approvers=("asha",))
    verdict = OFFICER.review(unsure)
    assert verdict.ruling is Ruling.ACT
    assert [check.name for check in verdict.failed] == ["confidence"]
    assert verdict.sentence == "asha overruled: Confidence is 0.5, below the required 0.8."


@pytest.mark.parametrize(
    ("approvers", "ruling", "said"),
    [
        ((), Ruling.ASK, "Two people must decide: Changes are frozen until"),
        (("asha",), Ruling.ASK, "A second person must decide: Changes are frozen until"),
        (("asha", "ASHA "), Ruling.ASK, "A second person must decide: "),
        (("asha", "bo"), Ruling.ACT, "asha and bo overruled: Changes are frozen until"),
    ],
    ids=str,
)
def test_what_takes_two_people_is_done_once_two_different_ones_agree(
    approvers: tuple[str, ...], ruling: Ruling, said: str
) -> None:
    verdict = RiskOfficer(FREEZE).review(facts(approvers=approvers))
    assert verdict.ruling is ruling
    assert verdict.sentence.startswith(said)


def test_the_second_person_is_told_only_what_is_still_open() -> None:
    both = facts(diagnosis=diagnosis(confidence=0.5), approvers=("asha",))
    verdict = RiskOfficer(FREEZE).review(both)
    assert "Confidence" not in verdict.sentence
    assert {check.name for check in verdict.failed} == {"confidence", "freeze"}


def test_nobody_overrules_what_is_blocked() -> None:
    crowd = facts(kill_switch_on=True, approvers=("asha", "bo", "chen"))
    assert OFFICER.review(crowd).ruling is Ruling.BLOCK


@pytest.mark.parametrize(
    ("mode", "ruling"),
    [(Mode.AUTOPILOT, Ruling.ACT), (Mode.COPILOT, Ruling.ASK), (Mode.SHADOW, Ruling.BLOCK)],
)
def test_the_mode_decides_what_a_sound_action_on_real_traffic_may_do(mode: Mode, ruling: Ruling) -> None:
    verdict = OFFICER.review(facts(mode=mode))
    assert (verdict.ruling, verdict.mode) == (ruling, mode)


def test_a_verdict_names_the_policy_that_it_rests_on() -> None:
    policy = Policy(version="bank 7")
    assert RiskOfficer(policy).review(facts()).policy == policy.label
