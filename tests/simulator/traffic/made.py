"""Worlds and sums that several tests use."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import numpy as np

from payments.action import Action
from payments.codes import CodeGroup, look_up
from payments.segment import Segment
from payments.window import Window, latency_quantile_ms
from simulator.traffic.config import WorldConfig
from simulator.traffic.scenario import Scenario
from simulator.traffic.source import TrafficSource

BRIEF = replace(WorldConfig(), history_ticks=36)
"""The ordinary world with three minutes of past."""

ONSET_TICKS = 12
"""Live increments before a fault strikes."""

_numbers = count()


@dataclass(frozen=True)
class Sum:
    """Counts of one segment over some increments."""

    seconds: float
    attempts: int
    successes: int
    pending: int
    payments: int
    amount_minor: int
    codes: dict[str, int]
    p50_ms: float
    p95_ms: float

    @property
    def success_rate(self) -> float:
        return self.successes / self.attempts

    @property
    def attempts_per_s(self) -> float:
        return self.attempts / self.seconds

    @property
    def payments_per_s(self) -> float:
        return self.payments / self.seconds

    def share(self, *codes: str) -> float:
        """Share of the attempts that failed with one of these codes."""
        return sum(self.codes[code] for code in codes) / self.attempts

    @property
    def technical(self) -> float:
        """Share of the attempts that failed for technical reasons."""
        names = [code for code in self.codes if look_up(code).technical]
        return self.share(*names)

    def group(self, *groups: CodeGroup) -> float:
        """Share of the attempts that failed with a code of these groups."""
        return self.share(*(code for code in self.codes if look_up(code).group in groups))


def source(
    played: str | Scenario, folder: Path, seed: int = 7, config: WorldConfig | None = BRIEF
) -> TrafficSource:
    """A scenario with a switchboard of its own."""
    return TrafficSource(played, seed, folder / f"{next(_numbers)}.db", feed="test", config=config)


def read(live: TrafficSource, ticks: int) -> list[Window]:
    return [live.read() for _ in range(ticks)]


def add(windows: Sequence[Window], *segments: Segment, outside: bool = False) -> Sum:
    """Sum up all payments or some segments, or all that is outside of these."""
    masks = [windows[0].cells.mask(segment) for segment in segments or (Segment({}),)]
    rows = np.any(masks, axis=0) ^ outside
    by_code = sum((w.failures_by_code for w in windows if w.failures_by_code is not None), np.int64(0))
    latency = sum((w.latency for w in windows if w.latency is not None), np.int64(0))
    return Sum(
        seconds=sum(w.duration_s for w in windows),
        attempts=sum(int(w.attempts[rows].sum()) for w in windows),
        successes=sum(int(w.successes[rows].sum()) for w in windows),
        pending=sum(int(w.pending[rows].sum()) for w in windows),
        payments=sum(int(w.payments[rows].sum()) for w in windows if w.payments is not None),
        amount_minor=sum(int(w.amount_minor[rows].sum()) for w in windows if w.amount_minor is not None),
        codes=dict(zip(windows[0].codes, np.asarray(by_code)[rows].sum(axis=0).tolist(), strict=True)),
        p50_ms=latency_quantile_ms(np.asarray(latency)[rows].sum(axis=0), 0.5) or 0.0,
        p95_ms=latency_quantile_ms(np.asarray(latency)[rows].sum(axis=0), 0.95) or 0.0,
    )


def finally_succeeded(live: TrafficSource, ticks: int, *actions: Action, after: int = 24) -> int:
    """Payments that succeed in the end over some increments, under actions taken just before these."""
    read(live, after)
    before = live.score.succeeded
    for action in actions:
        live.actuator.apply(action, repr(action), expires_after_s=3600.0)
    read(live, ticks)
    return live.score.succeeded - before
