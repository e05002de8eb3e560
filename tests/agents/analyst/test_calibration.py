"""What a confidence rests on, and what experience may do to the table of signatures."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.analyst.calibration import Grounds, calibration, log_odds
from agents.analyst.features import scope
from agents.analyst.signatures import LEVELS, TABLE_WORTH, Incidents, table
from payments.segment import Segment
from tests.agents.analyst.cases import ALPHA, CASES
from tests.agents.analyst.world import Fault, diagnose, evidence

NAMES = tuple(Grounds.__dataclass_fields__)
NUMBERS = st.floats(-6.0, 20.0)
GROUNDS = st.builds(Grounds, **dict.fromkeys(NAMES, NUMBERS))


@given(GROUNDS, st.sampled_from(NAMES), st.floats(0.0, 10.0))
def test_more_grounds_never_make_a_diagnosis_less_sure(weak: Grounds, name: str, more: float) -> None:
    strong = Grounds(**{**vars(weak), name: getattr(weak, name) + more})
    assert calibration().probability(weak) <= calibration().probability(strong)


@given(GROUNDS, GROUNDS)
def test_two_faults_are_no_surer_than_either(one: Grounds, other: Grounds) -> None:
    both = calibration().probability(one.weaker(other))
    assert both <= min(calibration().probability(one), calibration().probability(other))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_log_odds_are_finite_for_whatever_is_taken_for_a_probability(value: float) -> None:
    assert math.isfinite(log_odds(value))


def test_the_fitted_model_says_what_it_was_fitted_on() -> None:
    assert calibration().seeds
    assert calibration().episodes > 0


def test_a_clear_and_severe_outage_may_be_acted_on_alone() -> None:
    assert diagnose(evidence(CASES["psp_outage"])).confidence >= 0.8


def test_the_first_seconds_of_a_fault_are_diagnosed_with_less_confidence_than_its_first_minute() -> None:
    fault = Fault(ALPHA, 0.5, {"timeout": 1.0})
    early, late = (diagnose(evidence(fault, payments=2.0, ticks=ticks)) for ticks in (1, 12))
    assert early.confidence < late.confidence


@pytest.mark.parametrize("cause", sorted(table()))
def test_every_table_stays_a_distribution_when_experience_is_added(cause: str) -> None:
    seen = Incidents(features={"lead": {"slow": 3.0, "none": 1.0}}, codes={"user": 2.5})
    corrected = table()[cause].updated(seen, TABLE_WORTH)
    for feature, levels in corrected.features.items():
        assert set(levels) == set(LEVELS[feature])
        assert sum(levels.values()) == pytest.approx(1.0)
    assert sum(corrected.codes.values()) == pytest.approx(1.0 if table()[cause].codes else 0.0)


def test_experience_counts_at_most_thrice_what_the_table_does() -> None:
    many = Incidents(features={"latency": {"slow": 1e6}}, codes={})
    before = table()["user_mix"].features["latency"]
    after = table()["user_mix"].updated(many, TABLE_WORTH).features["latency"]
    assert after["flat"] == pytest.approx(before["flat"] / 4)


def test_a_route_that_grows_slow_before_anything_fails_is_a_brownout_of_that_route() -> None:
    found = diagnose(evidence(CASES["psp_brownout"]))
    assert (found.cause, found.culprit) == ("psp_brownout", ALPHA)
    assert "slow attempts" in found.sentence


def test_a_fraud_rule_is_told_from_card_testing_by_the_attempts_that_stay_as_they_were() -> None:
    codes = {"59": 0.6, "14": 0.4}
    shop = Segment.of(merchant="shop_1")
    rule, attack = (
        diagnose(evidence(Fault(shop, 0.5, codes))),
        diagnose(evidence(Fault(shop, 0.8, codes, 6.0))),
    )
    assert (rule.cause, attack.cause) == ("fraud_rule_push", "card_testing")


def test_a_country_with_a_single_issuer_is_judged_as_that_issuer() -> None:
    assert (
        scope(("country", "network"), Segment.of(issuer="bank_2", country="FR", network="visa"))
        == "issuer_part"
    )
    assert scope(("country",), Segment.of(country="FR")) == "country"
