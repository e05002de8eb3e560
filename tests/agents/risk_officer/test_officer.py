import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.risk_officer import RiskOfficer
from guardrails.policy import Policy
from payments.action import Action, AdjustRetryPolicy, Alert, NoAction, Ruling, Suppress
from tests.guardrails.made import facts
from tests.payments.made import ALPHA, LINK, ROUTES, diagnosis, plan, reroute, route, tally

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


@given(
    confidence=st.floats(0.0, 1.0),
    threshold=st.floats(0.0, 1.0),
    volume=st.floats(0.0, 20_000.0),
    most=st.integers(0, 10_000),
    share=st.floats(0.01, 1.0),
    capacity=st.floats(50.0, 200.0) | st.none(),
    age_s=st.floats(0.0, 300.0),
    learned=st.integers(0, 200),
    on=st.booleans(),
    cause=st.sampled_from(("psp_outage", "issuer_outage", "card_testing", "user_mix", "acs_outage")),
)
def test_what_is_let_through_violates_no_limit(
    confidence: float,
    threshold: float,
    volume: float,
    most: int,
    share: float,
    capacity: float | None,
    age_s: float,
    learned: int,
    on: bool,
    cause: str,
) -> None:
    policy = Policy(confidence_threshold=threshold, max_autonomous_volume=most)
    verdict = RiskOfficer(policy).review(
        facts(
            plan=plan(reroute(share, {"beta": 1.0})),
            diagnosis=diagnosis(cause, confidence=confidence, attempts_per_window=volume),
            routes=(ROUTES[0], route("beta", capacity=capacity)),
            data_age_s=age_s,
            ticks_learned=learned,
            kill_switch_on=on,
        )
    )
    harmless = (
        confidence >= threshold
        and volume <= most
        and capacity is not None
        and 50.0 + share * volume / 60.0 <= capacity * (1.0 + 1e-6)
        and share <= 0.98 + 1e-6
        and age_s <= 120.0 + 1e-6
        and learned >= 60
        and not on
        and cause == "psp_outage"
        and share * volume <= 0.5 * 12_000.0 * (1.0 + 1e-6)
    )
    assert verdict.ruling is not Ruling.ACT or harmless
    assert verdict.ruling is not Ruling.ACT or not verdict.failed
    assert (verdict.ruling is Ruling.BLOCK) == any(check.on_failure == "block" for check in verdict.failed)
