"""RiskLoc, written from the idea of its paper, to compare with.

Kalander, "RiskLoc: Localization of Multi-dimensional Root Causes by Weighted Risk", arXiv:2205.10004, 2022.
Leaves are parted in two by how far they deviate; the part on the far side weighs for an element, the rest
against it. Elements are searched from few attributes to many, and what is found is set aside.

Where the text leaves a choice, this takes the one with which the method does best on the sets measured
here: the change by the ripple effect is measured in amounts, the threshold on explanatory power is a share
of what is still unexplained, and rounding does not decide a risk that lies on its threshold, as that of
every single leaf does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from bench.localization.method import Causes, Codes, Floats, Instance

LEAST_RISK = 0.5
"""Least risk of an element that is blamed."""
LEAST_POWER = 0.02
"""Least share of the unexplained change that a blamed element explains."""
OUTLIERS = 5
"""Leaves ignored when the cutoff is chosen."""
_ROUNDING = 1e-9

_Mask = npt.NDArray[np.bool_]
_Element = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class _Leaves:
    """Leaves not yet explained, parted in two; every array has shape (leaves,) but codes."""

    codes: Codes
    real: Floats
    forecast: Floats
    abnormal: _Mask
    weight: Floats
    """Distance from the cutoff, at most 1."""
    power: Floats
    """Change in the direction of the anomaly; zero in normal leaves."""

    def take(self, kept: _Mask) -> "_Leaves":
        return _Leaves(
            self.codes[kept],
            self.real[kept],
            self.forecast[kept],
            self.abnormal[kept],
            self.weight[kept],
            self.power[kept],
        )

    def within(self, element: _Element) -> _Mask:
        columns, codes = zip(*element, strict=True)
        inside: _Mask = (self.codes[:, columns] == codes).all(axis=1)
        return inside


def riskloc(instance: Instance, k: int) -> list[Causes]:
    """Rank the set of all elements found, then each rival of the first one alone."""
    if not len(instance.leaves):
        return []
    sizes = [len(values) for values in instance.values]
    leaves = _part(instance)
    rivals = found = _search(leaves, sizes)
    causes: list[_Element] = []
    while found:
        causes.append(found[0])
        leaves = leaves.take(~leaves.within(found[0]))
        found = _search(leaves, sizes)
    answers = [causes, *([rival] for rival in rivals)] if causes else []
    ranked = dict.fromkeys(frozenset(map(instance.segment, answer)) for answer in answers)
    return list(ranked)[:k]


def _part(instance: Instance) -> _Leaves:
    """Part the leaves at the mirror image of the largest deviations against the anomaly."""
    real, forecast = instance.real, instance.expected
    direction = 1.0 if real.sum() < forecast.sum() else -1.0
    both = real + forecast
    deviation = np.divide(2 * (forecast - real), both, out=np.zeros_like(real), where=both > 0) * direction
    ignored = min(OUTLIERS, len(deviation) - 1)
    cutoff = max(-float(np.partition(deviation, ignored)[ignored]), 0.0)
    abnormal = deviation > cutoff
    power = np.where(abnormal, (forecast - real) * direction, 0.0)
    weight = np.minimum(np.abs(deviation - cutoff), 1.0)
    return _Leaves(instance.leaves, real, forecast, abnormal, weight, power)


def _search(leaves: _Leaves, sizes: Sequence[int]) -> list[_Element]:
    """Give the risky elements of the first layer that has any, the one that explains most first."""
    least = LEAST_POWER * float(leaves.power.sum())
    if least <= 0:
        return []
    open_to = _prune(leaves, sizes, least)
    for layer in range(1, len(sizes) + 1):
        risky: list[tuple[float, _Element]] = []
        for columns in combinations(range(len(sizes)), layer):
            open_leaves = np.flatnonzero(leaves.abnormal & open_to[list(columns)].all(axis=0))
            if len(open_leaves):
                risky += _risky(leaves, _keys(leaves.codes, columns, sizes), columns, open_leaves, least)
        if risky:
            return [element for _, element in sorted(risky, key=lambda one: -one[0])]
    return []


def _prune(leaves: _Leaves, sizes: Sequence[int], least: float) -> npt.NDArray[np.bool_]:
    """Mark, per column, the leaves whose value explains enough: no element without can; (columns, leaves).

    Powers are never negative, so an element explains at most what each of its values does.
    """
    codes = leaves.codes.T
    return np.array(
        [
            np.bincount(column, leaves.power, minlength=size)[column] >= least
            for column, size in zip(codes, sizes, strict=True)
        ]
    )


def _keys(codes: Codes, columns: tuple[int, ...], sizes: Sequence[int]) -> Codes:
    """Number the element of each leaf; renumbered when the product of sizes would overflow."""
    keys, radix = np.zeros(len(codes), dtype=np.intp), 1
    for column in columns:
        if radix * sizes[column] > np.iinfo(np.intp).max:
            used, keys = np.unique(keys, return_inverse=True)
            radix = len(used)
        keys, radix = keys * sizes[column] + codes[:, column], radix * sizes[column]
    return keys


def _risky(
    leaves: _Leaves, keys: Codes, columns: tuple[int, ...], open_leaves: Codes, least: float
) -> list[tuple[float, _Element]]:
    """Give the elements of one cuboid that explain enough and are risky enough, with what they explain."""
    used, example, place = np.unique(keys[open_leaves], return_index=True, return_inverse=True)
    power = np.bincount(place, leaves.power[open_leaves], minlength=len(used))
    strong = np.flatnonzero(power >= least)
    if not len(strong):
        return []
    spot = np.minimum(np.searchsorted(used[strong], keys), len(strong) - 1)
    member = used[strong][spot] == keys
    risk = _risk(leaves.take(member), spot[member], len(strong))
    return [
        (float(power[strong[i]]), _element(leaves.codes[open_leaves[example[strong[i]]]], columns))
        for i in np.flatnonzero(risk >= LEAST_RISK - _ROUNDING)
    ]


def _element(codes: Codes, columns: tuple[int, ...]) -> _Element:
    return tuple((column, int(codes[column])) for column in columns)


def _risk(leaves: _Leaves, group: Codes, groups: int) -> Floats:
    """Weighted share of the abnormal part, less the share of the change that the ripple effect leaves.

    The added one holds back elements of few leaves. By the ripple effect all leaves of a cause change by the
    same factor; what is left after that factor speaks against the element.
    """

    def add_up(numbers: Floats) -> Floats:
        return np.bincount(group, numbers, minlength=groups).astype(np.float64)

    share = add_up(leaves.weight * leaves.abnormal) / (add_up(leaves.weight) + 1.0)
    real, forecast = add_up(leaves.real), add_up(leaves.forecast)
    known = forecast[group] > 0
    part = np.divide(leaves.forecast, forecast[group], out=np.zeros(len(group)), where=known)
    rippled = np.where(known, real[group] * part, leaves.real)
    left, before = add_up(np.abs(rippled - leaves.real)), add_up(np.abs(leaves.forecast - leaves.real))
    return share - np.divide(left, before, out=np.zeros(groups), where=before > 0)
