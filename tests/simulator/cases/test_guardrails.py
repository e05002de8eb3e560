import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.cases.guardrails import (
    Guardrail,
    act_breach,
    closed_act,
    closed_probe,
    must_file,
    probe_breach,
)
from simulator.cases.vocabulary import ACTS, Act, Fact, Profile


@pytest.mark.parametrize(
    ("act", "facts", "expected"),
    [
        (Act("hold", "sar"), (), "G2"),
        (Act("hold", "sar"), ("suspicion",), None),
        (Act("escalate", "sar"), ("insider",), None),
        (Act("approve", "none"), ("blockable",), "G3"),
        (Act("reject", "ofac"), ("blockable",), "G3"),
        (Act("hold", "ofac"), ("blockable",), None),
        (Act("approve", "none"), ("match_open",), "G4"),
        (Act("approve", "none"), ("match_open", "match_discounted"), None),
        (Act("approve", "none"), ("travel_rule_missing",), "G8"),
        (Act("approve", "none"), ("travel_rule_missing", "travel_rule_complete"), None),
        (Act("approve", "none"), ("kyc_lapsed",), "G9"),
        (Act("approve", "none"), ("kyc_lapsed", "kyc_passed"), None),
    ],
)
def test_what_is_on_file_closes_decisions(
    act: Act, facts: tuple[Fact, ...], expected: Guardrail | None
) -> None:
    assert closed_act(act, frozenset(facts)) == expected


def test_only_the_strict_profile_closes_contact_with_a_suspect() -> None:
    facts: frozenset[Fact] = frozenset({"suspicion"})
    assert closed_probe("contact_sender", facts, "us", exempt=False) is None
    assert closed_probe("contact_sender", facts, "strict", exempt=False) == "G1"
    assert closed_probe("contact_sender", facts, "strict", exempt=True) is None
    assert closed_probe("inspect", facts, "strict", exempt=False) is None


@pytest.mark.parametrize(
    ("facts", "amount_usd", "expected"),
    [
        (("suspicion",), 5000.0, True),
        (("suspicion",), 4999.99, False),
        (("suspicion", "suspect_unknown"), 24999.99, False),
        (("suspicion", "suspect_unknown"), 25000.0, True),
        (("insider",), 1.0, True),
        ((), 1e9, False),
        (("suspect_unknown",), 1e9, False),
    ],
)
def test_a_report_is_mandatory_from_its_threshold_on(
    facts: tuple[Fact, ...], amount_usd: float, expected: bool
) -> None:
    assert must_file(frozenset(facts), amount_usd) is expected


@given(st.floats(min_value=0.0, allow_infinity=False))
def test_a_reason_to_suspect_opens_a_filing_at_any_amount(amount_usd: float) -> None:
    facts: frozenset[Fact] = frozenset({"suspicion"})
    assert closed_act(Act("hold", "sar"), facts) is None
    assert act_breach("sar", facts, amount_usd, "", {"filing": "mandatory"}) is None


@pytest.mark.parametrize(
    ("filing", "amount_usd", "expected"),
    [
        ("voluntary", 6000.0, "G2"),
        ("voluntary", 4000.0, None),
        ("voluntary", None, None),
        ("mandatory", 6000.0, None),
    ],
)
def test_a_mandatory_filing_may_not_be_called_voluntary(
    filing: str, amount_usd: float | None, expected: Guardrail | None
) -> None:
    assert act_breach("sar", frozenset({"suspicion"}), amount_usd, "", {"filing": filing}) == expected


@pytest.mark.parametrize(("days", "expected"), [(60, None), (61, "G5")])
def test_a_report_without_a_suspect_has_sixty_days(days: int, expected: Guardrail | None) -> None:
    facts: frozenset[Fact] = frozenset({"suspicion", "suspect_unknown"})
    assert act_breach("sar", facts, None, "", {"due_in_days": days}) == expected


@pytest.mark.parametrize("profile", ["us", "strict"])
def test_no_papers_are_asked_of_an_alleged_abuser(profile: Profile) -> None:
    facts: frozenset[Fact] = frozenset({"agent_suspected", "victim"})
    assert closed_probe("request_docs", facts, profile, exempt=True) == "G1"
    assert closed_probe("contact_sender", facts, profile, exempt=True) is None


@pytest.mark.parametrize(
    ("message", "facts", "expected"),
    [
        ("Please send the invoice.", ("suspicion",), None),
        ("We are filing a SAR about you.", ("suspicion",), "G1"),
        ("We must investigate this.", (), "G7"),
    ],
)
def test_a_message_may_not_tip_off(message: str, facts: tuple[Fact, ...], expected: Guardrail | None) -> None:
    assert probe_breach(frozenset(facts), message) == expected


@pytest.mark.parametrize(
    ("report", "reason", "metadata", "expected"),
    [
        ("sar", "", {"approved_by": "me"}, "G4"),
        ("sar", "", {"due_in_days": 31}, "G5"),
        ("sar", "", {"due_in_days": 30}, None),
        ("ofac", "", {"keep_years": 5}, "G6"),
        ("ofac", "", {"keep_years": 10}, None),
        ("none", "the nationality of the sender", {}, "G10"),
    ],
)
def test_what_stands_beside_a_decision_is_read(
    report: str, reason: str, metadata: dict[str, object], expected: Guardrail | None
) -> None:
    assert act_breach(report, frozenset(), 9000.0, reason, metadata) == expected


@given(
    st.sets(st.sampled_from(["suspicion", "blockable", "match_open", "kyc_lapsed", "travel_rule_missing"]))
)
def test_something_legal_and_free_is_always_left(facts: set[Fact]) -> None:
    assert any(act.report == "none" and closed_act(act, frozenset(facts)) is None for act in ACTS)


@given(st.text(), st.dictionaries(st.text(), st.integers() | st.floats() | st.text()))
def test_hostile_words_and_numbers_are_read_without_a_crash(reason: str, metadata: dict[str, object]) -> None:
    act_breach("sar", frozenset(), None, reason, {"due_in_days": 10**400, **metadata})
    probe_breach(frozenset(), reason)


def test_what_is_reported_as_stopped_is_not_let_through() -> None:
    assert closed_act(Act("approve", "ofac"), frozenset()) == "G3"
    assert closed_act(Act("reject", "ofac"), frozenset()) is None
