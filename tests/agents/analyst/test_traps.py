"""What is easily mistaken for something else."""

from payments.diagnosis import Category, Diagnosis
from payments.segment import Segment
from tests.agents.analyst.cases import ALPHA, BANK, CASES, LINK, on_calendar
from tests.agents.analyst.world import Fault, diagnose, evidence


def test_an_issuer_outage_with_codes_of_a_route_is_not_blamed_on_the_route() -> None:
    found = diagnose(evidence(Fault(BANK, 0.85, {"timeout": 0.5, "96": 0.5}, slow=0.9)))
    assert found.category is Category.ISSUER
    assert found.culprit.get("issuer") == "bank_2"
    assert found.culprit.get("psp") is None


def test_an_outage_of_a_route_with_codes_of_an_issuer_is_not_blamed_on_an_issuer() -> None:
    found = diagnose(evidence(Fault(ALPHA, 0.85, {"91": 1.0}, slow=0.9)))
    assert found.cause != "issuer_outage"
    assert found.culprit == ALPHA


def test_a_broken_link_is_a_pair_though_both_margins_show_it() -> None:
    found = diagnose(evidence(CASES["psp_issuer_link"]))
    assert LINK.contains(found.culprit)


def test_a_retry_storm_is_no_surge_and_a_surge_no_storm() -> None:
    storm, surge = diagnose(evidence(CASES["retry_storm"])), diagnose(evidence(CASES["holiday_surge"]))
    assert storm.category is Category.RETRY_OR_ROUTING
    assert surge.category is Category.NO_INCIDENT


def test_an_outage_whose_failures_come_again_is_no_retry_storm() -> None:
    codes = {"timeout": 0.4, "http_5xx": 0.35, "96": 0.25}
    found = diagnose(evidence(Fault(ALPHA, 0.9, codes, attempts=1.5, repeats=0.4, slow=0.9)))
    assert found.cause == "psp_outage"


def test_a_sudden_lack_of_repeats_in_the_first_seconds_does_not_rule_a_storm_out() -> None:
    codes = {"91": 0.4, "96": 0.3, "65": 0.3}
    early = diagnose(
        evidence(Fault(CASES["retry_storm"].segment, 0.6, codes, slow=0.5), payments=72, ticks=1)
    )
    late = diagnose(evidence(Fault(CASES["retry_storm"].segment, 0.6, codes, slow=0.5)))

    def odds(found: Diagnosis) -> float:
        storm = max((h.probability for h in found.hypotheses if h.cause == "retry_storm"), default=0.0)
        return storm / (1.0 - storm)

    assert odds(early) > 3 * odds(late)


def test_card_testing_on_one_route_is_no_misconfiguration() -> None:
    attacked = Segment.of(merchant="shop_0", network="visa", psp="beta")
    found = diagnose(evidence(Fault(attacked, 0.8, {"14": 0.6, "N7": 0.4}, attempts=12.0)))
    assert found.category is Category.USER


def test_the_same_downtime_is_maintenance_only_when_it_was_announced() -> None:
    given = evidence(CASES["planned_maintenance"])
    assert diagnose(given, planned=on_calendar("planned_maintenance")).cause == "planned_maintenance"
    assert diagnose(given).cause == "psp_outage"


def test_a_downtime_announced_for_something_else_excuses_nothing() -> None:
    given = evidence(CASES["psp_outage"])
    assert diagnose(given, planned=on_calendar("planned_maintenance")).cause == "psp_outage"


def test_two_causes_at_once_are_both_named_each_with_its_own_culprit() -> None:
    first = Fault(ALPHA, 0.6, {"timeout": 1.0}, slow=0.5)
    second = Fault(Segment.of(issuer="bank_4", psp="gamma"), 0.9, {"91": 1.0})
    found = diagnose(evidence(first, second))
    assert (found.cause, found.culprit) == ("psp_outage", ALPHA)
    assert [(other.cause, second.segment.contains(other.culprit)) for other in found.others] == [
        ("psp_issuer_link", True)
    ]
    assert all(other.speaks_for for other in found.others)
    assert not found.complement_normal
    assert f"also abnormal: {found.culprits[1]}" in found.sentence
    assert found.culprits[0] == found.culprit


def test_one_cause_has_no_other_beside_it() -> None:
    assert all(
        not diagnose(evidence(fault), planned=on_calendar(cause)).others for cause, fault in CASES.items()
    )


def test_missing_outcomes_are_our_own_feed_and_not_an_outage() -> None:
    found = diagnose(evidence(Fault(Segment({}), pending=0.85)))
    assert found.category is Category.OUR_DATA
    assert found.culprit == Segment({})


def test_a_fault_that_strikes_methods_unevenly_is_still_the_whole_route() -> None:
    hard = Fault(Segment.of(psp="alpha", method="card"), 0.95, {"timeout": 1.0})
    mild = [Fault(Segment.of(psp="alpha", method=m), 0.5, {"timeout": 1.0}) for m in ("upi", "wallet")]
    assert diagnose(evidence(hard, *mild)).culprit == ALPHA
