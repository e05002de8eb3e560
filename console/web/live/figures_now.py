"""The figures at the top of the live page: the last minute of all payments."""

import math
from dataclasses import dataclass

import numpy as np

from console.web.live.figures import P50, P95, quantiles_ms
from console.web.live.panels import Cell, cell_of
from memory.live import WIDE
from memory.live_reading import Numbers, Place, Series
from payments.pulse import ATTEMPTS, LEAST_ATTEMPTS, MOST_ATTEMPTS
from payments.segment import Segment

ALL_PAYMENTS = Place(WIDE, 0)


@dataclass(frozen=True)
class Figures:
    """Observed and usual; None where nothing is known."""

    seconds: float
    cell: Cell
    per_s: float | None
    least_per_s: float | None
    most_per_s: float | None
    p50_ms: float | None
    p95_ms: float | None
    usual_p95_ms: float | None


def figures_of(series: Series, usual: Numbers, row_s: float) -> Figures:
    """Sum up rows of all payments; `usual` is the learned histogram."""
    total, seconds = series.counts.sum(axis=0), len(series.at_s) * row_s
    latency = np.zeros_like(usual) if series.latency is None else series.latency.sum(axis=0)
    a_second = total / seconds if seconds else np.full_like(total, np.nan)
    return Figures(
        seconds=seconds,
        cell=cell_of(Segment({}), ALL_PAYMENTS, total),
        per_s=_known(a_second[ATTEMPTS]),
        least_per_s=_known(a_second[LEAST_ATTEMPTS]),
        most_per_s=_known(a_second[MOST_ATTEMPTS]),
        p50_ms=_quantile_ms(latency, P50),
        p95_ms=_quantile_ms(latency, P95),
        usual_p95_ms=_quantile_ms(usual, P95),
    )


def _quantile_ms(histogram: Numbers, q: float) -> float | None:
    return _known(quantiles_ms(histogram[None, :], np.array([q]))[0])


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
