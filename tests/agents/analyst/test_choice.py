"""How widely a culprit is described: its surroundings, several values of one attribute, unlike cells."""

from itertools import product

import numpy as np
import pytest

from agents.analyst.cube import Codes, Cube, Floats
from agents.analyst.measure import Events
from agents.analyst.search import explain
from agents.analyst.survey import Element, Survey

SIZES = (6, 5, 4)
CODES: Codes = np.array(list(product(*map(range, SIZES))), dtype=np.intp)
CUBE = Cube(CODES, SIZES, 3)


def named(trials: Floats, usual: Floats, lift: Floats) -> set[Element]:
    """Give the elements named when the expected events of every cell come so many times over."""
    expected = trials * usual
    pure = expected * (1.0 - usual)
    survey = Survey.of(CUBE, Events(expected * lift, expected, trials, pure, pure))
    return {candidate.element for candidate in explain(survey)}


WHOLE, PART = Element((0,), (2,)), Element((0, 2), (2, 0))


@pytest.mark.parametrize(("lift_of_rest", "culprit"), [(2.7, WHOLE), (1.0, PART)])
def test_the_surroundings_of_a_part_belong_to_it_when_they_are_struck_too(
    lift_of_rest: float, culprit: Element
) -> None:
    inside = CODES[:, 0] == WHOLE.values[0]
    part = inside & (CODES[:, 2] == 0)
    trials = np.where(part, 1167.0, 74.0)
    usual = np.where(part, 0.0375, 0.0625)
    lift = np.where(part, 6.6, np.where(inside, lift_of_rest, 1.0))
    assert named(trials, usual, lift) == {culprit}


@pytest.mark.parametrize("lift_of_others", [1.0, 1.4])
def test_two_values_are_named_and_not_everything_when_the_rest_is_nearly_normal(
    lift_of_others: float,
) -> None:
    struck = np.isin(CODES[:, 0], (1, 4))
    found = named(
        np.where(struck, 1000.0, 150.0), np.full(len(CODES), 0.03), np.where(struck, 9.0, lift_of_others)
    )
    assert found == {Element((0,), (1,)), Element((0,), (4,))}


def test_everything_is_named_when_all_values_are_struck() -> None:
    struck = np.isin(CODES[:, 0], (1, 4))
    found = named(np.full(len(CODES), 1000.0), np.full(len(CODES), 0.03), np.where(struck, 9.0, 8.0))
    assert found == {Element((), ())}
