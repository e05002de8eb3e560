"""The last window in figures that people read."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from agents.monitor.codes import Codes
from agents.monitor.counts import ATTEMPTS, Tick
from agents.monitor.grow import Reals
from agents.monitor.kinds import FAILURES, PENDING, REPEATS
from payments.observation import Summary
from payments.quantity import Floats
from payments.window import LATENCY_BINS, Window, latency_quantile_ms

TOP_CODES = 5


def summarise(ticks: Sequence[Tick], tick_s: float, rates: Reals | None, codes: Codes) -> Summary:
    """Add up increments, one at least; `rates` are the learned ones, shape (cells, kinds)."""
    attempts = sum(tick.totals[ATTEMPTS] for tick in ticks)
    failures, pending = (sum(tick.totals[column] for tick in ticks) for column in (FAILURES, PENDING))
    successes = attempts - failures - pending
    latency = _latency(ticks)
    return Summary(
        start=ticks[0].start,
        end=ticks[-1].start + timedelta(seconds=tick_s),
        attempts=attempts,
        successes=successes,
        failures=failures,
        pending=pending,
        success_rate=successes / attempts if attempts else None,
        expected_success_rate=_expected_rate(ticks, rates, attempts),
        payments=_payments(ticks),
        latency_p50_ms=latency_quantile_ms(latency, 0.5),
        latency_p95_ms=latency_quantile_ms(latency, 0.95),
        top_codes=_top_codes(ticks, codes),
    )


def summarise_window(window: Window) -> Summary:
    """Summarise one window that nothing is known about."""
    attempts, successes = int(window.attempts.sum()), int(window.successes.sum())
    latency = None if window.latency is None else window.latency.sum(axis=0)
    by_code = {} if window.failures_by_code is None else dict(
        zip(window.codes, window.failures_by_code.sum(axis=0).tolist(), strict=True)
    )  # fmt: skip
    return Summary(
        start=window.start,
        end=window.end,
        attempts=attempts,
        successes=successes,
        failures=int(window.failures.sum()),
        pending=int(window.pending.sum()),
        success_rate=successes / attempts if attempts else None,
        expected_success_rate=None,
        payments=None if window.payments is None else int(window.payments.sum()),
        latency_p50_ms=None if latency is None else latency_quantile_ms(latency, 0.5),
        latency_p95_ms=None if latency is None else latency_quantile_ms(latency, 0.95),
        top_codes=_largest(by_code),
    )


def _expected_rate(ticks: Sequence[Tick], rates: Reals | None, attempts: int) -> float | None:
    if rates is None or not attempts:
        return None
    both = (rates[:, FAILURES] + rates[:, PENDING]).astype(np.float64)
    bad = sum(float(tick.attempts.full() @ both[: tick.cells]) for tick in ticks)
    return min(max(1.0 - bad / attempts, 0.0), 1.0)


def _payments(ticks: Sequence[Tick]) -> int | None:
    if not all(tick.has_payments for tick in ticks):
        return None
    return sum(tick.totals[ATTEMPTS] - tick.totals[REPEATS] for tick in ticks)


def _latency(ticks: Sequence[Tick]) -> Floats:
    counted = [tick.latency for tick in ticks if tick.latency is not None]
    return np.sum(counted, axis=0) if counted else np.zeros(LATENCY_BINS)


def _top_codes(ticks: Sequence[Tick], codes: Codes) -> tuple[tuple[str, int], ...]:
    numbers, counts = (
        np.concatenate([getattr(tick.by_code, column) for tick in ticks]) for column in ("numbers", "counts")
    )
    totals = np.bincount(numbers, counts, len(codes.names)).tolist()
    return _largest({name: round(count) for name, count in zip(codes.names, totals, strict=True)})


def _largest(by_code: dict[str, int]) -> tuple[tuple[str, int], ...]:
    ranked = sorted(by_code.items(), key=lambda item: (-item[1], item[0]))
    return tuple((name, count) for name, count in ranked[:TOP_CODES] if count)
