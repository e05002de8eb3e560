"""What a model's ranking is worth: its weight is fitted on half of the seeds, judged on the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import fmean

from agents.language_model.opinion import Opinion
from agents.language_model.vote import WEIGHT_AT_MOST, weighed
from bench.llm.asking import Ruled

GRID = tuple(round(0.05 * step, 2) for step in range(round(WEIGHT_AT_MOST / 0.05) + 1))
_LEAST = 1e-6

Pair = tuple[Ruled, Opinion]


@dataclass(frozen=True)
class Worth:
    """The engine alone against the engine with the model's vote, on the same incidents."""

    incidents: int
    weight: float
    engine_top1: float
    with_model_top1: float
    model_top1: float
    """Of the model's ranking by itself, where it gave one."""
    engine_log_loss: float
    with_model_log_loss: float


def worth(pairs: Sequence[Pair]) -> Worth:
    """Fit on the even seeds and judge on the odd ones; with one kind alone there is nothing to fit."""
    even = [pair for pair in pairs if pair[0].seed % 2 == 0]
    odd = [pair for pair in pairs if pair[0].seed % 2 == 1]
    weight = fitted(even) if even and odd else 0.0
    return judged(odd or even, weight)


def fitted(pairs: Sequence[Pair]) -> float:
    """Give the weight of least logarithmic loss; of equals the smallest, so 0 unless there is a gain."""
    return min(GRID, key=lambda weight: (round(_loss(pairs, weight), 9), weight))


def judged(pairs: Sequence[Pair], weight: float) -> Worth:
    """Judge a weight on incidents."""
    said = [pair for pair in pairs if pair[1].ranking]
    return Worth(
        incidents=len(pairs),
        weight=weight,
        engine_top1=_top1(pairs, 0.0),
        with_model_top1=_top1(pairs, weight),
        model_top1=fmean(opinion.ranking[0].cause in one.true_causes for one, opinion in said)
        if said
        else 0.0,
        engine_log_loss=_loss(pairs, 0.0),
        with_model_log_loss=_loss(pairs, weight),
    )


def _shares(pair: Pair, weight: float) -> dict[str, float]:
    one, opinion = pair
    ranking = [ranked.cause for ranked in opinion.ranking]
    return weighed(one.engine, ranking, weight) if ranking else one.engine


def _top1(pairs: Sequence[Pair], weight: float) -> float:
    shares = [(one, _shares((one, opinion), weight)) for one, opinion in pairs]
    return fmean(max(given, key=lambda cause: given[cause]) in one.true_causes for one, given in shares)


def _loss(pairs: Sequence[Pair], weight: float) -> float:
    """Give the mean of -ln of what the true causes are given together."""
    return fmean(
        -log(max(_LEAST, sum(_shares((one, opinion), weight).get(cause, 0.0) for cause in one.true_causes)))
        for one, opinion in pairs
    )
