"""Each cause, drawn clearly, is named with its category and culprit."""

import numpy as np
import pytest

from agents.analyst import Analyst
from agents.analyst.signatures import signatures
from payments.diagnosis import Category
from tests.agents.analyst.cases import ALPHA, BANK, CASES, LINK, on_calendar
from tests.agents.analyst.world import SINCE, WINDOW_S, Fault, diagnose, evidence, overlap

UNTOLD = ("by_code", "repeats", "slow", "fast")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("cause", CASES)
def test_a_clear_case_is_named_with_its_culprit(cause: str, seed: int) -> None:
    given = evidence(CASES[cause], seed=seed)
    found = diagnose(given, planned=on_calendar(cause))
    assert found.cause == cause
    assert found.category is signatures()[cause].category
    assert overlap(given.cells, found.culprit, CASES[cause].segment) == 1.0


@pytest.mark.parametrize("cause", sorted(set(CASES) - {"user_mix", "noise"}))
def test_a_clear_case_is_named_with_confidence(cause: str) -> None:
    assert diagnose(evidence(CASES[cause]), planned=on_calendar(cause)).confidence >= 0.9


@pytest.mark.parametrize("cause", ["issuer_outage", "psp_outage", "psp_issuer_link", "card_network_outage"])
def test_without_codes_latency_and_repeats_the_cause_is_still_named_but_less_surely(cause: str) -> None:
    given = evidence(CASES[cause])
    blind = dict.fromkeys(name for name in type(given).model_fields if name.endswith(UNTOLD))
    poor, rich = diagnose(given.model_copy(update={**blind, "codes": ()})), diagnose(given)
    assert poor.cause == cause
    assert poor.hypotheses[0].probability < rich.hypotheses[0].probability
    assert poor.confidence <= rich.confidence


def test_a_small_excess_is_no_incident_and_not_a_sure_one() -> None:
    found = diagnose(evidence(Fault(LINK, 0.1), payments=1.0))
    assert found.category is Category.NO_INCIDENT
    assert found.confidence < 0.9


def test_a_mild_and_short_fault_is_named_with_little_confidence() -> None:
    found = diagnose(evidence(Fault(BANK, 0.25, {"timeout": 1.0}), payments=1.5, ticks=6))
    assert found.confidence < 0.8


def test_a_source_without_open_outcomes_says_nothing_about_them() -> None:
    given = evidence(CASES["psp_outage"])
    none = np.zeros_like(given.attempts)
    silent = given.model_copy(update={"pending": none, "expected_pending": none.astype(float)})
    hypotheses = diagnose(silent).hypotheses
    assert not [s for h in hypotheses for s in (*h.speaks_for, *h.speaks_against) if "no outcome" in s]


def test_the_sentence_is_the_arithmetic() -> None:
    found = diagnose(evidence(CASES["psp_outage"]))
    failures, expected = found.tally.failures, found.tally.expected_failures
    assert found.sentence == (
        f"psp=alpha: {failures} failures of {found.tally.attempts}, {expected:.0f} expected "
        f"({failures / expected:.1f}x), since {SINCE:%H:%M:%S}; the rest is normal"
    )


def test_attempts_are_scaled_to_the_aggregation_window() -> None:
    given = evidence(CASES["psp_outage"], ticks=6)
    found = diagnose(given)
    assert found.attempts_per_window == pytest.approx(found.tally.attempts * WINDOW_S / given.duration_s)


def test_evidence_items_are_numbered_and_repeat_the_tally() -> None:
    found = diagnose(evidence(CASES["psp_outage"]))
    assert [item.id for item in found.evidence] == [f"e{n}" for n in range(1, len(found.evidence) + 1)]
    assert found.evidence[0].observed == found.tally.failures
    assert found.evidence[0].expected == pytest.approx(found.tally.expected_failures)


def test_the_winning_hypothesis_says_what_speaks_for_it_and_a_losing_one_what_speaks_against() -> None:
    winner, *losers = diagnose(evidence(CASES["psp_outage"])).hypotheses
    assert any("technical" in sentence for sentence in winner.speaks_for)
    assert all(loser.speaks_against for loser in losers)


def test_culprit_and_shape_are_described_as_they_are_diagnosed() -> None:
    given = evidence(CASES["psp_outage"])
    signature, found = Analyst().describe(given), diagnose(given)
    assert signature.culprit == found.culprit == ALPHA
    assert signature.shape == found.shape
