"""Culprits of an additive measure: in which direction, and with noise that they do not inflate."""

from collections.abc import Sequence

import numpy as np

from agents.analyst.amounts import Amounts, Deviations
from agents.analyst.choice import strongest
from agents.analyst.cube import Cube, Floats
from agents.analyst.search import explain
from agents.analyst.survey import Candidate, Survey, covered

_ROUNDS = 3
_SETTLED = 0.1
"""Share by which the noise may still change for the estimate to stand."""


def explain_amounts(cube: Cube, real: Floats, expected: Floats) -> tuple[list[Candidate], Survey[Amounts]]:
    """Name the culprits, the strongest first, and give the survey they are named on.

    The noise is estimated again outside the culprits until it settles: at first they are part of it, and
    may be most of it.
    """
    deviation = Deviations.of(real, expected)
    survey = _stronger([Survey.of(cube, amounts) for amounts in deviation.both()])
    found = explain(survey)
    for _ in range(_ROUNDS):
        again = deviation.outside(covered(cube, found))
        change = again.noise.typical / deviation.noise.typical - 1.0
        if not found or abs(change) <= _SETTLED:
            break
        deviation = again
        survey = next(Survey.of(cube, one) for one in again.both() if one.sign == survey.measure.sign)
        found = explain(survey)
    return found, survey


def _stronger(surveys: Sequence[Survey[Amounts]]) -> Survey[Amounts]:
    """Give the direction that has the stronger culprit."""
    strengths = [first.score if (first := strongest(survey)) else 0.0 for survey in surveys]
    return surveys[int(np.argmax(strengths))]
