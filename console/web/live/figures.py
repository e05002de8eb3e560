"""From rows of the board to the points of a chart: observed, and the band that normal traffic stays in."""

from collections.abc import Mapping

import numpy as np

from memory.live_reading import Numbers, Series
from payments.pulse import (
    ATTEMPTS,
    BAD,
    EXPECTED_BAD,
    LEAST_ATTEMPTS,
    MOST_ATTEMPTS,
    VARIANCE_ATTEMPTS,
    VARIANCE_BAD,
)
from payments.window import LATENCY_BINS, LATENCY_EDGES_MS

BAND_SD = 2.576
"""The band holds 99 of 100 points of normal traffic."""
P50, P95 = 0.5, 0.95
DIGITS = 12
"""Significant digits that are sent: an instant needs them, and text of numbers packs well."""

Columns = Mapping[str, list[float | None]]


def columns(series: Series, usual: Numbers, row_s: float, rows_per_point: int) -> Columns:
    """Give the points of a segment's charts by name, `at` (the middle of each) first; None where unknown.

    Rates are shares, attempts a second, latencies in milliseconds.
    """
    numbers = np.round(series.at_s / row_s).astype(np.int64) - 1
    points, place = np.unique(numbers // rows_per_point, return_inverse=True)
    counts = _summed(series.counts, place, len(points))
    seconds = np.bincount(place, minlength=len(points)).astype(np.float64) * row_s
    found: dict[str, Numbers] = {
        "at": (points.astype(np.float64) + 0.5) * rows_per_point * row_s,
        **_rates(counts),
        **_volumes(counts, seconds),
    }
    if series.latency is not None:
        found |= _latencies(_summed(series.latency, place, len(points)), usual)
    return {name: _plain(values) for name, values in found.items()}


def _summed(rows: Numbers, place: np.ndarray, points: int) -> Numbers:
    sums = np.zeros((points, rows.shape[1]))
    np.add.at(sums, place, rows)
    return sums


def _rates(counts: Numbers) -> dict[str, Numbers]:
    attempts = np.where(counts[:, ATTEMPTS] > 0, counts[:, ATTEMPTS], np.nan)
    expected = 1.0 - counts[:, EXPECTED_BAD] / attempts
    reach = BAND_SD * np.sqrt(counts[:, VARIANCE_BAD]) / attempts
    return {
        "rate": 1.0 - counts[:, BAD] / attempts,
        "rate_expected": expected,
        "rate_low": np.clip(expected - reach, 0.0, 1.0),
        "rate_high": np.clip(expected + reach, 0.0, 1.0),
    }


def _volumes(counts: Numbers, seconds: Numbers) -> dict[str, Numbers]:
    least, most = counts[:, LEAST_ATTEMPTS], counts[:, MOST_ATTEMPTS]
    reach = BAND_SD * np.sqrt(counts[:, VARIANCE_ATTEMPTS])
    return {
        "volume": counts[:, ATTEMPTS] / seconds,
        "volume_low": np.maximum(least - reach, 0.0) / seconds,
        "volume_high": (most + reach) / seconds,
    }


def _latencies(histograms: Numbers, usual: Numbers) -> dict[str, Numbers]:
    samples = np.maximum(histograms.sum(axis=1), 1.0)
    reach = BAND_SD * np.sqrt(P95 * (1.0 - P95) / samples)
    same = np.broadcast_to(usual, histograms.shape)
    return {
        "p50": quantiles_ms(histograms, np.full(len(histograms), P50)),
        "p95": quantiles_ms(histograms, np.full(len(histograms), P95)),
        "p95_low": quantiles_ms(same, np.clip(P95 - reach, 0.0, 1.0)),
        "p95_high": quantiles_ms(same, np.clip(P95 + reach, 0.0, 1.0)),
    }


def quantiles_ms(histograms: Numbers, q: Numbers) -> Numbers:
    """Give a quantile of each histogram, straight between the edges of its bin; NaN for an empty one."""
    total = np.cumsum(histograms, axis=1)
    wanted = q * total[:, -1]
    place = np.minimum(np.argmax(total >= np.maximum(wanted, 1e-9)[:, None], axis=1), LATENCY_BINS - 2)
    rows = np.arange(len(histograms))
    inside = histograms[rows, place]
    part = np.clip((wanted - (total[rows, place] - inside)) / np.maximum(inside, 1e-9), 0.0, 1.0)
    upper = LATENCY_EDGES_MS[place]
    lower = np.where(place > 0, LATENCY_EDGES_MS[place - 1], 0.0)
    return np.where(total[:, -1] > 0, lower + part * (upper - lower), np.nan)


def _plain(values: Numbers) -> list[float | None]:
    return [float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None for value in values.tolist()]
