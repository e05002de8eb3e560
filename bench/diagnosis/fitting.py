"""Fits what the analyst learns from simulated incidents: likelihoods, and how sure to be."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from agents.analyst import AnalystSettings
from agents.analyst.assessment import assess
from agents.analyst.calibration import VERSION, Belief, Calibration, Grounds
from agents.analyst.signatures import CauseSignature, Experience, Incidents, corrected
from bench.diagnosis.judging import Right
from bench.diagnosis.reliability import Reliability
from bench.diagnosis.specimens import Specimen
from payments.errors import InputError

FEWEST_SEEDS = 4

Floats = npt.NDArray[np.float64]
Table = dict[str, dict[str, float]]

CATEGORY_PRIOR = {"category": 1.0, "excess": 0.0}
CULPRIT_PRIOR = {"culprit": 0.3, "narrower": 1.0, "wider": 0.3, "explained": 0.5, "excess": 0.0}
"""What is believed of the weights of the grounds that count, before fitting."""
PRIOR_STRENGTH = 1.0
"""Penalty on the squared distance from it, in nats."""


def learn(specimens: Iterable[Specimen], seeds: str) -> Experience:
    """Count which cause had which levels."""
    features: dict[str, Table] = defaultdict(lambda: defaultdict(lambda: defaultdict(float)))
    codes: Table = defaultdict(lambda: defaultdict(float))
    episodes = 0
    for one in specimens:
        if one.cause is None:
            continue
        episodes += 1
        for feature, level in one.view.found.levels.items():
            if level is not None:
                features[one.cause][feature][level] += 1.0
        for group, share in one.view.found.groups.items():
            codes[one.cause][group] += share
    causes = {cause: Incidents(features=features[cause], codes=codes[cause]) for cause in sorted(features)}
    return Experience(seeds=seeds, episodes=episodes, causes=causes)


@dataclass(frozen=True)
class Fitted:
    """What was learned, and how well it does on incidents that it was not learned from."""

    experience: Experience
    calibration: Calibration
    held_out: Reliability


Judged = tuple[int, Grounds, Right]
"""Seed, what the diagnosis rests on, and what of it is right."""


def fit_all(specimens: Sequence[Specimen], seeds: str) -> Fitted:
    """Learn likelihoods from all; fit the confidence on diagnoses by the likelihoods of the other half.

    Raises:
        InputError: the seeds are too few to be halved twice.
    """
    found = sorted({one.seed for one in specimens})
    if len({seed % FEWEST_SEEDS for seed in found}) < FEWEST_SEEDS:
        msg = (
            f"Findings of seeds {found!r} cannot be halved twice: give {FEWEST_SEEDS} seeds in a row or more."
        )
        raise InputError(msg)
    judged = [
        row
        for half in (0, 1)
        for row in _judged(
            [one for one in specimens if one.seed % 2 == half],
            corrected(learn([one for one in specimens if one.seed % 2 != half], seeds)),
        )
    ]
    return Fitted(learn(specimens, seeds), calibrate(judged, seeds), _held_out(judged, seeds))


def _judged(specimens: Sequence[Specimen], known: Mapping[str, CauseSignature]) -> list[Judged]:
    said = [(one, assess(one.view, (), known, AnalystSettings())) for one in specimens]
    return [(one.seed, assessment.rests_on, one.judge(assessment)) for one, assessment in said]


def _held_out(judged: Sequence[Judged], seeds: str) -> Reliability:
    """State for each half what the calibration of the other half says; halves of pairs of seeds."""
    stated: list[tuple[float, bool]] = []
    for half in (0, 1):
        model = calibrate([row for row in judged if row[0] // 2 % 2 != half], seeds)
        stated += [
            (min(model.probability(rests_on), AnalystSettings().max_confidence), right.both)
            for seed, rests_on, right in judged
            if seed // 2 % 2 == half
        ]
    return Reliability.of([confidence for confidence, _ in stated], [right for _, right in stated])


def calibrate(judged: Sequence[Judged], seeds: str) -> Calibration:
    """Fit when the category is right and when the culprit is."""
    rests_on = [row[1] for row in judged]
    return Calibration(
        version=VERSION,
        seeds=seeds,
        episodes=len(judged),
        category=believe(rests_on, [right.category for _, _, right in judged], CATEGORY_PRIOR),
        culprit=believe(rests_on, [right.culprit for _, _, right in judged], CULPRIT_PRIOR),
    )


def believe(rests_on: Sequence[Grounds], right: Sequence[bool], prior: Mapping[str, float]) -> Belief:
    """Fit one model by penalised likelihood, none of its weights negative."""
    given = np.array([[getattr(one, name) for name in prior] for one in rests_on], dtype=np.float64)
    bias, weights = fit(given, np.array(right, dtype=np.float64), np.array(list(prior.values())))
    return Belief(bias=bias, weights=dict(zip(prior, weights.tolist(), strict=True)))


def fit(given: Floats, right: Floats, prior: Floats) -> tuple[float, Floats]:
    """Give bias and weights for columns `given` (episodes, grounds) and what was right (episodes,)."""
    columns = np.column_stack([np.ones(len(given)), given])
    start = np.concatenate([[0.0], prior])

    def loss(parameters: Floats) -> tuple[float, Floats]:
        odds, off = columns @ parameters, parameters - start
        value = float(np.logaddexp(0.0, odds).sum() - right @ odds + PRIOR_STRENGTH * off @ off)
        return value, columns.T @ (expit(odds) - right) + 2.0 * PRIOR_STRENGTH * off

    bounds = [(None, None), *[(0.0, None)] * len(prior)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return round(float(found.x[0]), 4), np.round(found.x[1:], 4)
