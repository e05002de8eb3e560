"""The measurement of diagnoses: what counts as right, and the arithmetic of confidence."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.analyst.calibration import Grounds
from bench.diagnosis.episodes import Episode, causes, play
from bench.diagnosis.fitting import CULPRIT_PRIOR, believe, fit_all, learn
from bench.diagnosis.judging import Payments, jaccard, judge
from bench.diagnosis.reading import Reading, read
from bench.diagnosis.reliability import Reliability
from bench.diagnosis.specimens import specimen
from bench.diagnosis.summary import summarise
from payments.diagnosis import Category
from payments.errors import InputError
from payments.segment import Segment
from payments.window import Cells
from simulator.traffic.scenario import Fault

ALPHA, BANK = Segment.of(psp="alpha"), Segment.of(issuer="bank_1")
CELLS = Cells(
    attributes=("psp", "issuer"),
    keys=tuple((psp, bank) for psp in ("alpha", "beta", "gamma") for bank in ("bank_1", "bank_2", "bank_3")),
)


@pytest.fixture(scope="module")
def outage() -> Episode:
    return play("psp_outage", 7)


@pytest.fixture
def fault(outage: Episode) -> Fault:
    return replace(outage.truth, culprit=ALPHA)


def payments(fault: Fault, after_s: float = 120.0) -> Payments:
    return Payments(fault.starts_at + timedelta(seconds=after_s), CELLS, np.ones(len(CELLS)))


def test_category_and_culprit_are_judged_apart(fault: Fault) -> None:
    at = payments(fault)
    assert judge(fault.category, [ALPHA], at, fault).both
    assert not judge(Category.ISSUER, [ALPHA], at, fault).category
    assert not judge(fault.category, [BANK], at, fault).culprit


def test_a_culprit_that_holds_a_few_stray_payments_more_is_right(fault: Fault) -> None:
    weights = np.ones(len(CELLS))
    weights[CELLS.mask(Segment.of(psp="beta")) | CELLS.mask(Segment.of(psp="gamma"))] = 0.04
    at = replace(payments(fault), weights=weights)
    assert judge(fault.category, [Segment({})], at, fault).culprit
    assert not judge(fault.category, [Segment({})], payments(fault), fault).culprit


def test_of_two_faults_the_second_must_be_named_once_it_has_had_a_minute(fault: Fault) -> None:
    later = replace(fault, culprit=BANK, starts_at=fault.starts_at + timedelta(seconds=60))
    both = replace(fault, parts=(fault, later))
    assert judge(fault.category, [ALPHA], payments(fault, 110.0), both).both
    assert not judge(fault.category, [ALPHA], payments(fault, 130.0), both).culprit
    assert judge(fault.category, [ALPHA, BANK], payments(fault, 130.0), both).both


def test_a_fault_of_which_an_earlier_incident_took_all_payments_need_not_be_named_again(fault: Fault) -> None:
    earlier = replace(fault, culprit=BANK)
    rows = np.flatnonzero(~CELLS.mask(BANK))
    left = Cells(attributes=CELLS.attributes, keys=tuple(CELLS.keys[row] for row in rows))
    both = replace(fault, parts=(earlier, fault))
    at = replace(payments(fault, 130.0), cells=left, weights=np.ones(len(left)))
    assert judge(fault.category, [ALPHA, BANK], at, both).both
    assert not judge(fault.category, [ALPHA], payments(fault, 130.0), both).culprit


def test_a_fault_that_has_not_begun_yet_cannot_be_named(fault: Fault) -> None:
    later = replace(fault, culprit=BANK, starts_at=fault.starts_at + timedelta(seconds=60))
    both = replace(fault, parts=(fault, later))
    assert not judge(fault.category, [BANK], payments(fault, 50.0), both).culprit


def test_where_nothing_is_wrong_the_category_alone_counts(fault: Fault) -> None:
    nothing = replace(fault, category=Category.NO_INCIDENT)
    assert judge(Category.NO_INCIDENT, [BANK], payments(fault), nothing).both
    assert not judge(Category.USER, [ALPHA], payments(fault), nothing).both


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(0, 1e6)), min_size=1))
def test_jaccard_is_symmetric_and_between_0_and_1(rows: list[tuple[bool, bool, float]]) -> None:
    one, other = (np.array([row[k] for row in rows], dtype=np.bool_) for k in (0, 1))
    weights = np.array([row[2] for row in rows])
    assert 0.0 <= jaccard(one, other, weights) <= 1.0 + 1e-12
    assert jaccard(one, other, weights) == jaccard(other, one, weights)


def test_scores_of_confidence_are_those_worked_out_by_hand() -> None:
    told = Reliability.of([0.95, 0.95, 0.15, 0.15], [True, False, False, False])
    assert told.brier == pytest.approx((0.05**2 + 0.95**2 + 2 * 0.15**2) / 4)
    assert told.brier_constant == pytest.approx(0.25 * 0.75)
    assert told.ece == pytest.approx((2 * 0.45 + 2 * 0.15) / 4)
    assert [(one.answers, one.right) for one in told.bins] == [(2, 0.0), (2, 0.5)]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_every_answer_is_in_one_bin_and_every_share_in_its_interval(rows: list[tuple[float, bool]]) -> None:
    told = Reliability.of([c for c, _ in rows], [r for _, r in rows])
    assert sum(one.answers for one in told.bins) == len(rows)
    assert all(one.interval[0] - 1e-9 <= one.right <= one.interval[1] + 1e-9 for one in told.bins)
    assert 0.0 <= told.ece <= 1.0


def grounds(**given: float) -> Grounds:
    usual = {"category": 0.0, "culprit": 0.0, "narrower": 1.0, "wider": 1.0, "explained": 1.0, "excess": 3.0}
    return Grounds(**{**usual, **given})


def test_a_fitted_belief_says_as_often_as_it_is_right() -> None:
    rng = np.random.default_rng(5)
    rests_on = [grounds(narrower=x) for x in rng.uniform(-3, 6, 4000)]
    right = [bool(rng.random() < 1 / (1 + np.exp(0.5 - 0.8 * one.narrower))) for one in rests_on]
    model = believe(rests_on, right, CULPRIT_PRIOR)
    stated = np.array([model.probability(one) for one in rests_on])
    assert Reliability(stated, np.array(right, dtype=np.float64)).ece < 0.03
    assert min(model.weights.values()) >= 0.0


def test_a_ground_that_misleads_gets_no_weight() -> None:
    rests_on = [grounds(excess=float(excess)) for excess in range(200)]
    model = believe(rests_on, [one.excess < 100.0 for one in rests_on], CULPRIT_PRIOR)
    assert model.weights["excess"] == 0.0


def test_every_signature_but_quiet_is_played() -> None:
    assert len(causes()) == 20
    assert "quiet" not in causes()


def test_an_episode_is_the_same_each_time_and_is_found_after_its_onset(outage: Episode) -> None:
    again = play("psp_outage", 7)
    assert outage.found is not None
    assert again.found is not None
    assert outage.found.finding == again.found.finding
    assert outage.found.finding.at > outage.truth.starts_at


def test_a_clear_outage_is_diagnosed_rightly_and_with_confidence(outage: Episode) -> None:
    reading = read(outage)
    assert reading.answer is not None
    assert reading.answer.right
    assert reading.answer.confidence >= 0.8


def test_silence_is_right_where_nothing_is_wrong_and_missed_elsewhere(outage: Episode) -> None:
    silent = read(replace(outage, found=None))
    assert silent.missed
    assert not silent.category_right
    assert silent.left_alone
    nothing = replace(outage, truth=replace(outage.truth, category=Category.NO_INCIDENT), found=None)
    assert read(nothing).category_right
    assert not read(nothing).missed


def test_the_summary_counts_misses_beside_the_answers(outage: Episode) -> None:
    readings: list[Reading] = [read(outage), read(replace(outage, found=None))]
    summary = summarise(readings)
    assert (summary["episodes"], summary["diagnosed"], summary["missed"]) == (2, 1, 1)
    assert summary["category_accuracy"] == 1.0
    assert summary["category_accuracy_with_silence"] == 0.5


def test_likelihoods_count_each_level_of_the_true_cause(outage: Episode) -> None:
    seen = specimen(outage)
    assert seen is not None
    counted = learn([seen, seen], "7-7").causes["psp_outage"].features
    assert counted["scope"] == {seen.view.found.levels["scope"]: 2.0}


def test_fitting_twice_gives_the_same(outage: Episode) -> None:
    seen = specimen(outage)
    assert seen is not None
    specimens = [replace(seen, seed=seed) for seed in range(8)]
    assert fit_all(specimens, "0-7").calibration == fit_all(specimens, "0-7").calibration


def test_too_few_seeds_to_fit_on_are_refused_with_what_to_do(outage: Episode) -> None:
    seen = specimen(outage)
    assert seen is not None
    with pytest.raises(InputError, match="4 seeds in a row or more"):
        fit_all([seen], "7-7")
