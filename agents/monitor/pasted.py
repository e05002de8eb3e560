"""One window without a history: each segment is compared with everything outside it."""

import math
from dataclasses import dataclass

import numpy as np

from agents.monitor.codes import Codes
from agents.monitor.counts import Table, count
from agents.monitor.kinds import FAILURES, FIRST_BY_LATENCY, PENDING, REPEATS, WATCHED
from agents.monitor.latency import LatencyBaseline
from agents.monitor.likelihood import Shares, log_mean
from agents.monitor.streams import Streams
from agents.monitor.summary import summarise_window
from payments.evidence import Evidence
from payments.finding import Finding, Signal
from payments.observation import Observation
from payments.quantity import Floats
from payments.window import Window

COMPARED = WATCHED[:FIRST_BY_LATENCY]
"""Latency has no quantiles to be slower than without a history."""
FALSE_ALARMS = 1e-3
"""Expected findings in a window whose segments are alike."""
LEAST_OUTSIDE = 20
"""Attempts outside a segment below which it is not compared."""
LEAST_RHO = 0.005
SIGNALS_AT_MOST = 20
LOWEST_RATE, HIGHEST_RATE = 5e-4, 0.995
NOTE = "no history: each segment is compared with all others in the same window"


@dataclass(frozen=True)
class Comparison:
    """Every segment against its complement: shape (streams, compared)."""

    trials: Floats
    counts: Floats
    rate: Floats
    """Of the complement."""
    rho: Floats
    """How much the cells of the complement differ among themselves."""
    scores: Floats


def compare_within(window: Window) -> Observation:
    """Find what differs from the rest of a window; segments that differ by nature raise the bar for all."""
    streams, codes = Streams(), Codes()
    tick, _ = count(window, streams, codes, LatencyBaseline())
    table = tick.table(codes)
    observation = Observation(summary=summarise_window(window), threshold=0.0, ticks_learned=0, notes=(NOTE,))
    if not streams.cells:
        return observation
    compared = compare(table, streams)
    threshold = math.log(streams.count * len(COMPARED) / FALSE_ALARMS)
    measured = {"threshold": threshold, "log_evidence": max(float(compared.scores.max()), 0.0)}
    signals = _signals(compared, streams, threshold, window)
    if not signals:
        return observation.model_copy(update=measured)
    finding = Finding(
        at=window.end, since=window.start, signals=signals, threshold=threshold, ticks_learned=0
    )
    strongest = int(np.unravel_index(np.argmax(compared.scores), compared.scores.shape)[0])
    evidence = _evidence(window, table, streams, strongest, float(compared.rho[strongest, 0]))
    return observation.model_copy(update={**measured, "finding": finding, "evidence": evidence})


def compare(table: Table, streams: Streams) -> Comparison:
    """Compare every stream with its complement, in rate and against the complement's own scatter."""
    f, n = (part[:, : len(COMPARED)].astype(np.float64) for part in (table.counts, table.trials()))
    moments = (f, n, f * f, f * n, n * n)
    inside = [streams.sums_of(table.rows, moment).astype(np.float64) for moment in moments]
    whole = [moment.sum(axis=0) for moment in moments]
    counts, trials, *_ = inside
    had, of, squares, cross, sizes = (all_ - part for all_, part in zip(whole, inside, strict=True))
    rate = np.clip((had + 0.5) / (of + 1.0), LOWEST_RATE, HIGHEST_RATE)
    scatter = (squares - 2.0 * rate * cross + rate**2 * sizes) / (rate * (1.0 - rate))
    rho = np.clip((scatter - of) / np.maximum(sizes - of, 1.0), LEAST_RHO, 1.0)
    doubted = rho + 1.0 / (of + 1.0)
    ratios = Shares(counts.ravel(), trials.ravel(), rate.ravel(), doubted.ravel()).ratios(
        math.log(counts.size / FALSE_ALARMS)
    )
    scores = np.where(of >= LEAST_OUTSIDE, log_mean(ratios.log_ratios).reshape(rate.shape), 0.0)
    return Comparison(trials, counts, rate, rho, scores)


def _signals(compared: Comparison, streams: Streams, threshold: float, window: Window) -> tuple[Signal, ...]:
    order = np.argsort(-compared.scores, axis=None)[:SIGNALS_AT_MOST]
    places = [divmod(int(place), len(COMPARED)) for place in order]
    return tuple(
        Signal(
            kind=COMPARED[kind].signal,
            detail=COMPARED[kind].detail,
            segment=streams.segment(stream),
            onset=window.start,
            observed=float(compared.counts[stream, kind]),
            expected=float(compared.trials[stream, kind] * compared.rate[stream, kind]),
            attempts=round(float(compared.trials[stream, kind])),
            log_evidence=float(compared.scores[stream, kind]),
        )
        for stream, kind in places
        if compared.scores[stream, kind] >= threshold
    )


def _evidence(window: Window, table: Table, streams: Streams, strongest: int, rho: float) -> Evidence:
    """Expect of every cell what the cells outside the strongest segment show."""
    rows = streams.rows(window.cells)
    outside = ~streams.mask(streams.segment(strongest))
    others = outside[table.rows]
    rates = table.counts[others].sum(axis=0) / max(float(table.attempts[others].sum()), 1.0)
    attempts = window.attempts.astype(np.float64)
    by_code = window.failures_by_code
    code_rates = (
        None
        if by_code is None
        else by_code[outside[rows]].sum(axis=0) / max(attempts[outside[rows]].sum(), 1)
    )
    return Evidence(
        since=window.start,
        until=window.end,
        tick_s=window.duration_s,
        cells=window.cells,
        attempts=window.attempts,
        failures=window.failures,
        pending=window.pending,
        expected_attempts=attempts,
        expected_failures=attempts * rates[FAILURES],
        expected_pending=attempts * rates[PENDING],
        codes=window.codes if by_code is not None else (),
        failures_by_code=by_code,
        expected_by_code=None if code_rates is None else np.outer(attempts, code_rates),
        repeats=None if window.payments is None else window.attempts - window.payments,
        expected_repeats=None if window.payments is None else attempts * rates[REPEATS],
        dispersion=rho,
    )
