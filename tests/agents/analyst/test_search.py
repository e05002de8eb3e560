"""The search names what was put in, and never crashes on what is odd."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.analyst.additive import explain_amounts
from agents.analyst.cube import Codes, Cube, Floats, Mask, depth_for
from agents.analyst.measure import Events
from agents.analyst.search import explain
from agents.analyst.survey import Element, Survey, mask_of, narrower

SIZES = (6, 5, 4)
CODES: Codes = np.array(list(product(*map(range, SIZES))), dtype=np.intp)
CUBE = Cube(CODES, SIZES, 3)


def part(*pairs: tuple[int, int]) -> tuple[Element, Mask]:
    """Give an element by its columns and values, and its cells."""
    element = Element(tuple(c for c, _ in pairs), tuple(v for _, v in pairs))
    return element, mask_of(CUBE, element)


def failures(rate: Floats, trials: float = 200.0, seed: int = 1) -> Events:
    """Draw failures where a tenth is expected."""
    n = np.full(len(CODES), trials)
    observed = np.random.default_rng(seed).binomial(n.astype(np.int64), rate).astype(float)
    return Events(observed, 0.1 * n, n, 0.09 * n, 0.09 * n)


ELEMENTS = [part((0, 2)), part((1, 3), (2, 1)), part((0, 1), (1, 1), (2, 1))]


@pytest.mark.parametrize(("element", "mask"), ELEMENTS)
@pytest.mark.parametrize("factor", [0.4, 1.8])
def test_an_element_whose_amounts_rose_or_fell_is_named(element: Element, mask: Mask, factor: float) -> None:
    rng = np.random.default_rng(5)
    expected = rng.uniform(50.0, 500.0, len(CODES))
    real = expected * (1.0 + rng.normal(0.0, 0.03, len(CODES))) * np.where(mask, factor, 1.0)
    found, survey = explain_amounts(CUBE, real, expected)
    assert [c.element for c in found] == [element]
    assert survey.measure.sign == (1 if factor > 1.0 else -1)


@pytest.mark.parametrize(("element", "mask"), ELEMENTS)
def test_an_element_whose_attempts_fail_more_often_is_named(element: Element, mask: Mask) -> None:
    found = explain(Survey.of(CUBE, failures(np.where(mask, 0.5, 0.1))))
    assert [c.element for c in found] == [element]


def test_several_values_of_one_attribute_with_different_changes_are_all_named() -> None:
    first, second = part((0, 2)), part((0, 4))
    real = np.full(len(CODES), 100.0) + np.random.default_rng(2).normal(0.0, 2.0, len(CODES))
    real = np.where(first[1], 0.3 * real, np.where(second[1], 0.7 * real, real))
    found, _ = explain_amounts(CUBE, real, np.full(len(CODES), 100.0))
    assert {c.element for c in found} == {first[0], second[0]}


def test_culprits_that_cross_are_both_named() -> None:
    first, second = part((0, 2)), part((1, 3))
    real = np.full(len(CODES), 100.0) + np.random.default_rng(2).normal(0.0, 2.0, len(CODES))
    real *= np.where(first[1], 0.3, 1.0) * np.where(second[1], 0.6, 1.0)
    found, _ = explain_amounts(CUBE, real, np.full(len(CODES), 100.0))
    assert {c.element for c in found} == {first[0], second[0]}


def test_noise_that_most_cells_of_a_large_fault_share_is_not_taken_for_noise() -> None:
    struck = CODES[:, 0] < 3
    rng = np.random.default_rng(7)
    real = 100.0 * (1.0 + rng.normal(0.0, 0.1, len(CODES))) * np.where(struck, rng.uniform(0.2, 0.9), 1.0)
    found, _ = explain_amounts(CUBE, real, np.full(len(CODES), 100.0))
    assert {c.element for c in found} == {part((0, value))[0] for value in range(3)}


def test_most_cells_falling_alike_do_not_make_the_noisier_rest_guilty() -> None:
    sizes = (5, 12, 10, 8)
    codes: Codes = np.array(list(product(*map(range, sizes))), dtype=np.intp)
    rng = np.random.default_rng(3)
    expected = 100.0 * rng.weibull(0.7, len(codes))
    real = expected * np.maximum(1.0 + rng.normal(0.0, 0.2, len(codes)), 0.0)
    struck = codes[:, 0] < 3
    real[struck] = expected[struck] * (1.0 - np.clip(rng.normal(0.85, 0.05, int(struck.sum())), 0.0, 1.0))
    found, _ = explain_amounts(Cube(codes, sizes, 4), real, expected)
    assert {c.element for c in found} == {Element((0,), (value,)) for value in range(3)}


def test_when_everything_falls_the_culprit_is_everything() -> None:
    real = 50.0 * (1.0 + np.random.default_rng(7).normal(0.0, 0.05, len(CODES)))
    found, _ = explain_amounts(CUBE, real, np.full(len(CODES), 100.0))
    assert [c.element for c in found] == [Element((), ())]


def test_noise_alone_hardly_ever_has_a_culprit() -> None:
    named = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        expected = rng.uniform(1.0, 500.0, len(CODES))
        named += bool(explain_amounts(CUBE, expected * (1.0 + rng.normal(0.0, 0.1, len(CODES))), expected)[0])
    assert named <= 2


def test_of_two_names_for_the_same_cells_the_shorter_is_given() -> None:
    codes = np.column_stack((CODES, CODES[:, 0]))
    cube = Cube(codes, (*SIZES, SIZES[0]), 4)
    mask = codes[:, 0] == 2
    found = explain(Survey.of(cube, failures(np.where(mask, 0.5, 0.1))))
    assert [len(c.element.columns) for c in found] == [1]


def test_elements_with_one_attribute_less() -> None:
    assert set(narrower(Element((0, 2), (5, 1)))) == {Element((0,), (5,)), Element((2,), (1,))}
    assert list(narrower(Element((), ()))) == []


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 10), st.integers(0, 30), st.sampled_from([0.0, 1e-12, 1.0, 1e15]), st.integers(0, 2**32)
)
def test_odd_amounts_give_an_answer_and_no_crash(width: int, rows: int, scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes: Codes = np.unique(rng.integers(0, 3, (rows, width)), axis=0).astype(np.intp).reshape(-1, width)
    cube = Cube(codes, (3,) * width, depth_for(width))
    real, expected = scale * rng.integers(-1, 4, (2, len(codes))).astype(float)
    found, _ = explain_amounts(cube, real, expected)
    assert len({c.element for c in found}) == len(found)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 10), st.integers(0, 30), st.sampled_from([0.0, 0.5, 1.0]), st.integers(0, 2**32))
def test_odd_counts_give_an_answer_and_no_crash(width: int, rows: int, rate: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes: Codes = np.unique(rng.integers(0, 3, (rows, width)), axis=0).astype(np.intp).reshape(-1, width)
    trials = rng.integers(0, 5, len(codes)).astype(float)
    observed = rng.binomial(trials.astype(np.int64), rate).astype(float)
    events = Events(observed, rng.random(len(codes)) * trials, trials, trials, trials)
    found = explain(Survey.of(Cube(codes, (3,) * width, depth_for(width)), events))
    assert all(c.score > 0.0 for c in found)
