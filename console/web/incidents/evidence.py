"""The evidence as bars: what was observed beside what was expected, in the culprit and around it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt

import numpy as np
import numpy.typing as npt

from payments.codes import CodeGroup, look_up
from payments.diagnosis import Diagnosis
from payments.evidence import Evidence
from payments.segment import Segment

ROWS_AT_MOST = 8
CODES_AT_MOST = 6
TELLING_DEVIATIONS = 5.0
"""Standard deviations (of a count by itself) from which a measure is said to have changed."""
CODE_DEVIATIONS = 2.0
"""The same for one code among many."""
_LEFT_MARGIN, _WIDTH = 2.0, 96.0
"""Where bars are drawn, in per cent: a mark at either end is not cut off."""

_Counts = npt.NDArray[np.int64] | npt.NDArray[np.float64]
_Mask = npt.NDArray[np.bool_]
_TINY = 1e-9

Names = Iterable[tuple[str, _Mask, bool]]
"""Name of a group of cells, which cells these are, and whether the group is the culprit."""


@dataclass(frozen=True)
class Bar:
    """One group of payments: what was observed and what was expected, in the unit of its chart."""

    name: str
    observed: float
    expected: float
    at_fault: bool


@dataclass(frozen=True)
class Chart:
    """Bars, each from 0 on."""

    title: str
    unit: str
    bars: tuple[Bar, ...]
    left_out: int = 0
    """Groups that are not drawn."""

    def place(self, value: float, bar: Bar) -> str:
        """Give where a value of a bar is drawn from the left, in per cent of the width."""
        share = min(1.0, max(0.0, value / self._top(bar))) if isfinite(value) else 0.0
        return f"{_LEFT_MARGIN + _WIDTH * share:.2f}%"

    def _top(self, bar: Bar) -> float:
        """Give what the whole width stands for; volumes of large and small groups have no scale in common."""
        match self.unit:
            case "fraction":
                return 1.0
            case "a minute":
                return max(_TINY, *_values((bar,)))
            case _:
                return max(_TINY, *_values(self.bars))


@dataclass(frozen=True)
class Measure:
    """Something that can be compared: counts by cell, as a share of the attempts or by the minute."""

    name: str
    unit: str
    observed: Callable[[Evidence], _Counts | None]
    expected: Callable[[Evidence], _Counts | None]


@dataclass(frozen=True)
class _Sums:
    """A measure of one group of cells."""

    observed: float
    expected: float
    base: float
    """Attempts of which it is a share; minutes of which it is a rate."""

    @property
    def deviations(self) -> float:
        """How far apart both are, in standard deviations of the rarer outcome as a Poisson count."""
        rest = self.base - self.expected
        rare = min(self.expected, rest) if rest >= 0.0 else self.expected
        return abs(self.observed - self.expected) / sqrt(max(1.0, rare))


SUCCESS = Measure(
    "success rate",
    "fraction",
    lambda of: of.attempts - of.failures - of.pending,
    lambda of: of.attempts - of.expected_failures - of.expected_pending,
)
ATTEMPTS = Measure("attempts a minute", "a minute", lambda of: of.attempts, lambda of: of.expected_attempts)
REPEATS = Measure("repeated attempts", "fraction", lambda of: of.repeats, lambda of: of.expected_repeats)
SLOW = Measure("slow attempts", "fraction", lambda of: of.slow, lambda of: of.expected_slow)
MEASURES = (SUCCESS, ATTEMPTS, REPEATS, SLOW)
"""The most telling first."""


def charts_of(evidence: Evidence, diagnosis: Diagnosis) -> tuple[Chart, ...]:
    """Draw the culprit against the rest, against its siblings, and its failure codes."""
    culprit = diagnosis.culprit
    here = evidence.cells.mask(culprit)
    told = [one for one in MEASURES if one.observed(evidence) is not None]
    main = next((one for one in told if _telling(evidence, one, here)), told[0])
    both = [("in the culprit", here, True), ("everywhere else", ~here, False)]
    against = [
        _chart(f"{one.name}, the culprit against the rest", one, evidence, both)
        for one in told
        if one is main or _telling(evidence, one, here)
    ]
    siblings = [_siblings(name, main, evidence, culprit) for name in culprit.names()]
    return (*against, *siblings, *_codes(evidence, here))


def _telling(evidence: Evidence, measure: Measure, here: _Mask) -> bool:
    sums = _sums(evidence, measure, here)
    return sums is not None and sums.deviations >= TELLING_DEVIATIONS


def _sums(evidence: Evidence, measure: Measure, cells: _Mask) -> _Sums | None:
    """Add up a measure over some cells; None where nobody counts it or nothing was attempted."""
    observed, expected = measure.observed(evidence), measure.expected(evidence)
    attempts = float(evidence.attempts[cells].sum())
    if observed is None or expected is None or not attempts:
        return None
    base = attempts if measure.unit == "fraction" else evidence.duration_s / 60.0
    return _Sums(float(observed[cells].sum()), float(expected[cells].sum()), base) if base else None


def _chart(title: str, measure: Measure, evidence: Evidence, groups: Names) -> Chart:
    bars = []
    for name, cells, at_fault in groups:
        sums = _sums(evidence, measure, cells)
        if sums is not None:
            bars.append(Bar(name, sums.observed / sums.base, sums.expected / sums.base, at_fault))
    return Chart(title, measure.unit, tuple(bars[:ROWS_AT_MOST]), max(0, len(bars) - ROWS_AT_MOST))


def _siblings(attribute: str, measure: Measure, evidence: Evidence, culprit: Segment) -> Chart:
    """Compare the culprit with what differs from it in one attribute only."""
    around = culprit.without(attribute)
    within = f", within {around}" if len(around) else ""
    groups = _by_value(evidence, attribute, evidence.cells.mask(around), culprit.get(attribute))
    return _chart(f"{measure.name} by {attribute}{within}", measure, evidence, groups)


def _by_value(
    evidence: Evidence, attribute: str, around: _Mask, own: str | None
) -> list[tuple[str, _Mask, bool]]:
    """Group cells by the value of an attribute: the culprit's own first, then those with most attempts."""
    if attribute not in evidence.cells.attributes:
        return []
    at = evidence.cells.attributes.index(attribute)
    values = np.asarray([key[at] for key in evidence.cells.keys], dtype=object)
    groups = {value: around & np.asarray(values == value, dtype=np.bool_) for value in set(values[around])}
    ranked = sorted(groups, key=lambda value: (value != own, -evidence.attempts[groups[value]].sum(), value))
    return [(value, groups[value], value == own) for value in ranked]


def _codes(evidence: Evidence, here: _Mask) -> Sequence[Chart]:
    """Compare the failures in the culprit by code, those that are most in excess first."""
    if evidence.failures_by_code is None or evidence.expected_by_code is None:
        return ()
    observed, expected = (
        evidence.failures_by_code[here].sum(axis=0),
        evidence.expected_by_code[here].sum(axis=0),
    )
    ranked = np.argsort(-(observed - expected), kind="stable")
    bars = [
        Bar(_named(evidence.codes[at]), float(observed[at]), float(expected[at]), at_fault=True)
        for at in ranked
        if observed[at] - expected[at] > CODE_DEVIATIONS * sqrt(max(1.0, expected[at]))
    ]
    if not bars:
        return ()
    left_out = max(0, len(bars) - CODES_AT_MOST)
    return (Chart("failures in the culprit by code", "failures", tuple(bars[:CODES_AT_MOST]), left_out),)


def _named(code: str) -> str:
    """Give a code with what it means, where that is known and not said by the code itself."""
    meaning = look_up(code).meaning
    known = look_up(code).group is not CodeGroup.UNKNOWN and meaning.casefold() != code.casefold()
    return f"{code}: {meaning}" if known else code


def _values(bars: Iterable[Bar]) -> list[float]:
    return [value for bar in bars for value in (bar.observed, bar.expected) if isfinite(value)]
