"""Adtributor, written from its paper, to compare with.

Bhagwan et al., "Adtributor: Revenue Debugging in Advertising Systems", NSDI 2014. It blames values of one
attribute: those whose share changed most ("surprise") and that together explain enough of the change.
"""

from dataclasses import dataclass

import numpy as np

from bench.localization.method import Causes, Codes, Floats, Instance

LEAST_EACH = 0.1
"""Least explanatory power of one value (T_EEP in the paper)."""
LEAST_TOGETHER = 0.67
"""Least explanatory power of all blamed values of an attribute (T_EP in the paper)."""


@dataclass(frozen=True)
class _Change:
    """Forecast and truth of one additive measure, shape (leaves,) or (values,)."""

    forecast: Floats
    actual: Floats

    def by(self, codes: Codes, values: int) -> "_Change":
        """Add up over all leaves with the same value of an attribute."""
        return _Change(
            np.bincount(codes, self.forecast, minlength=values).astype(np.float64),
            np.bincount(codes, self.actual, minlength=values).astype(np.float64),
        )

    def surprise(self) -> Floats:
        """Each value's part of the Jensen-Shannon divergence between forecast and actual shares."""
        p, q = _shares(self.forecast), _shares(self.actual)
        return 0.5 * (_against_mean(p, q) + _against_mean(q, p))


def adtributor(instance: Instance, k: int) -> list[Causes]:
    """Rank one set of values per attribute, the most surprising attribute first."""
    measures = _measures(instance)
    ranked = []
    for column in range(len(instance.attributes)):
        codes, values = instance.leaves[:, column], len(instance.values[column])
        changes = [measure.by(codes, values) for measure in measures]
        surprise = np.sum([change.surprise() for change in changes], axis=0)
        blamed = _blame(surprise, _explanatory_power(changes))
        if blamed:
            causes = frozenset(instance.segment(((column, code),)) for code in blamed)
            ranked.append((float(surprise[blamed].sum()), causes))
    ranked.sort(key=lambda answer: -answer[0])
    return [causes for _, causes in ranked[:k]]


def _measures(instance: Instance) -> list[_Change]:
    """Give the one additive measure, or numerator and denominator of a ratio.

    History, when there is some, forecasts both as their means, so that a shift of volume counts too.
    """
    if instance.total is None:
        return [_Change(instance.expected, instance.real)]
    if instance.past_bad is None or instance.past_total is None or not len(instance.past_bad):
        return [_Change(instance.expected, instance.real), _Change(instance.total, instance.total)]
    return [
        _Change(instance.past_bad.mean(axis=0), instance.real),
        _Change(instance.past_total.mean(axis=0), instance.total),
    ]


def _explanatory_power(changes: list[_Change]) -> Floats:
    """Share of the whole change that each value explains; zeros when nothing changed.

    For a ratio, the paper's finite-difference form of the partial derivatives, scaled to add up to one.
    """
    power = changes[0].actual - changes[0].forecast
    if len(changes) == 2:  # noqa: PLR2004 - numerator and denominator
        top, bottom = changes
        moved = bottom.actual - bottom.forecast
        change = power * bottom.forecast.sum() - moved * top.forecast.sum()
        power = _quotient(change, bottom.forecast.sum() + moved)
    return _shares(power)


def _blame(surprise: Floats, power: Floats) -> list[int]:
    """Take the most surprising values until they explain enough; nothing when they never do."""
    order = np.argsort(-surprise, kind="stable")
    order = order[power[order] > LEAST_EACH]
    explained = np.cumsum(power[order])
    enough = np.flatnonzero(explained > LEAST_TOGETHER)
    return [int(code) for code in order[: enough[0] + 1]] if len(enough) else []


def _shares(amounts: Floats) -> Floats:
    return _quotient(amounts, np.full_like(amounts, amounts.sum()))


def _against_mean(p: Floats, q: Floats) -> Floats:
    """Terms p ln(2p / (p + q)); zero where a share is not positive, as shares of a forecast can be."""
    usable = (p > 0) & (p + q > 0)
    return np.where(usable, p * np.log(np.where(usable, _quotient(2 * p, p + q), 1.0)), 0.0)


def _quotient(above: Floats, below: Floats) -> Floats:
    """Divide; zero where the denominator is zero."""
    return np.divide(above, below, out=np.zeros_like(above), where=below != 0)
