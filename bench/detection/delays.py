"""The delay table: every method at the same mean time between false alarms, on the same counts."""

import math
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agents.monitor.ladder import RUNGS
from agents.monitor.likelihood import Ratios
from bench.detection.adwin import LONGEST_LIMIT, SLOW_TICKS, CalibratedAdwin
from bench.detection.adwin import WARM_TICKS as ADWIN_WARM
from bench.detection.cells import ATTEMPTS, RHOS, RUN_LENGTH, SUCCESS_AFTER, SUCCESS_BEFORE, Traffic
from bench.detection.chain import Limit, Walk, exact_limit
from bench.detection.methods import BurnRate, Ewma, PageHinkley, PayOps, Scorer, Static, table_of
from payments.quantity import Floats

BEFORE = 1.0 - SUCCESS_BEFORE
LEVEL = math.log(RUN_LENGTH)
WARM_TICKS = 300
"""Quiet ticks before the change."""
HALVINGS = 14
TICKS_A_LIMIT = 20
"""Ticks after the change, in limits, that a slow method gets; what is left is taken as exponential."""
Maker = Callable[[int], Scorer]
MONITOR = "payops"


@dataclass(frozen=True)
class Size:
    """How much is simulated."""

    quiet_streams: int
    quiet_ticks: int
    changed_streams: int


FULL, QUICK = Size(3000, 4000, 3000), Size(2000, 2000, 1000)
PRECISE = Size(36_000, 4000, 36_000)
"""For the monitor itself on independent counts."""


@dataclass(frozen=True)
class Contender:
    """A method with the score at which it alarms."""

    name: str
    make: Maker
    threshold: float
    run_length: float
    """Mean ticks between false alarms, measured on other draws than the threshold was found on."""
    guaranteed: bool = False


def measure_delays(given: Namespace) -> list[dict[str, object]]:
    """Measure every cell; quick: independent counts only."""
    size = QUICK if given.quick else FULL
    rng = np.random.default_rng([*given.seeds])
    rows: list[dict[str, object]] = []
    for rho in RHOS[:1] if given.quick else RHOS:
        ours = PRECISE if not rho and not given.quick else size
        for attempts in ATTEMPTS:
            sys.stderr.write(f"delays: {attempts} attempts a tick, rho {rho}\n")
            traffic = Traffic(attempts, rho)
            rows += _rows(traffic, monitor_at_both_levels(traffic, ours, rng), ours, rng)
            rows += _rows(traffic, peers(traffic, size, rng), size, rng)
            rows += [] if rho else _adwin_rows(traffic, rng)
    return rows


def guaranteed_level(table: Ratios, chances: Floats, run_length: float) -> float:
    """Give the score whose mean time between false alarms is provably no shorter.

    Counts of quiet ticks are independent and every rung's CUSUM rises with each of them, so "no alarm by t"
    are associated events (Harris 1960): P(no rung by t) >= product of P(rung j not by t) >= product of
    (1 - rate_j)^t, whose sum over t is at least one over the sum of the rates. Each rate is the Perron root
    of the rung's own chain, computed and not simulated.
    """
    walks = [Walk(table.log_ratios[j], chances) for j in range(RUNGS)]
    low, high = LEVEL - 2.0, LEVEL + 2.0
    for _ in range(HALVINGS):
        level = (low + high) / 2.0
        handicaps = table.handicap[:, 0]
        rate = sum(walk.steady_rate(level - float(lead)) for walk, lead in zip(walks, handicaps, strict=True))
        low, high = (level, high) if rate > 1.0 / run_length else (low, level)
    return high


def _rows(
    traffic: Traffic, contenders: Sequence[Contender], size: Size, rng: np.random.Generator
) -> Iterator[dict[str, object]]:
    for success in SUCCESS_AFTER:
        limit = _limit(traffic, 1.0 - success)
        change = Change(traffic, 1.0 - success, limit, size)
        delays = change.delays(contenders, rng, slowed=True), change.delays(contenders, rng, slowed=False)
        for contender, worst, steady in zip(contenders, *delays, strict=True):
            said = {"guaranteed": contender.guaranteed, "arl": contender.run_length}
            yield {"method": contender.name, **_cell(traffic, success), **said} | against(
                limit, worst, steady
            )


def _adwin_rows(traffic: Traffic, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    adwin = CalibratedAdwin.of(traffic, rng)
    for success in SUCCESS_AFTER:
        limit = _limit(traffic, 1.0 - success)
        if limit.worst > LONGEST_LIMIT:
            continue
        slow, warm = (
            adwin.delay(1.0 - success, (ticks, limit.worst), rng) for ticks in (SLOW_TICKS, ADWIN_WARM)
        )
        said = {"guaranteed": False, "arl": adwin.run_length}
        yield {"method": "river_adwin", **_cell(traffic, success), **said} | against(limit, slow, warm)


def _limit(traffic: Traffic, after: float) -> Limit:
    quiet, changed = traffic.chances(BEFORE), traffic.chances(after)
    return exact_limit(traffic.log_ratios(BEFORE, after), quiet, changed, RUN_LENGTH)


def _cell(traffic: Traffic, success: float) -> dict[str, object]:
    return {"n": traffic.attempts, "p0": SUCCESS_BEFORE, "p1": success, "rho": traffic.rho}


def against(limit: Limit, worst: tuple[float, float], steady: tuple[float, float]) -> dict[str, object]:
    """Compare mean delays and their standard errors with the limit."""
    return {
        "delay": worst[0], "limit": limit.worst, "ratio": worst[0] / limit.worst,
        "ratio_se": worst[1] / limit.worst,
        "delay_after_quiet": steady[0], "limit_after_quiet": limit.after_quiet,
        "ratio_after_quiet": steady[0] / limit.after_quiet,
    }  # fmt: skip


def monitor_at_both_levels(traffic: Traffic, size: Size, rng: np.random.Generator) -> list[Contender]:
    """Give the monitor at the calibrated and at the guaranteed level."""
    table = table_of(traffic, BEFORE, LEVEL)
    makers: dict[str, Maker] = {MONITOR: lambda streams: PayOps(table, streams, LEVEL)}
    (found,) = calibrated(makers, traffic, size, rng)
    level = guaranteed_level(table, traffic.chances(BEFORE), RUN_LENGTH)
    peaks = _peaks(makers, traffic, size, rng)[MONITOR]
    measured = _run_length(level, *peaks, size.quiet_ticks)
    return [found, replace(found, threshold=level, run_length=measured, guaranteed=True)]


def peers(traffic: Traffic, size: Size, rng: np.random.Generator) -> list[Contender]:
    """Give the methods that are simulated side by side, at the same run length."""
    mean = traffic.attempts * BEFORE
    makers: dict[str, Maker] = {
        "static_threshold": lambda _: Static(rng),
        "ewma_0.03": lambda _: Ewma(mean, 0.03),
        "ewma_0.1": lambda _: Ewma(mean, 0.1),
        "ewma_0.3": lambda _: Ewma(mean, 0.3),
        "burn_rate_12_1": lambda _: BurnRate(12, mean, rng),
        "river_page_hinkley": lambda _: PageHinkley(0.005 * traffic.attempts),
    }
    return calibrated(makers, traffic, size, rng)


def calibrated(
    makers: Mapping[str, Maker], traffic: Traffic, size: Size, rng: np.random.Generator
) -> list[Contender]:
    """Set every method to the run length; measure what came of it on other draws."""
    found = {
        name: _threshold(early, late, size.quiet_ticks)
        for name, (early, late) in _peaks(makers, traffic, size, rng).items()
    }
    peaks = _peaks(makers, traffic, size, rng)
    return [
        Contender(name, makers[name], level, _run_length(level, *peaks[name], size.quiet_ticks))
        for name, level in found.items()
    ]


def _peaks(
    makers: Mapping[str, Maker], traffic: Traffic, size: Size, rng: np.random.Generator
) -> dict[str, tuple[Floats, Floats]]:
    """Give each stream's largest score in quiet traffic after a fifth of the ticks, and after all."""
    scorers = {name: make(size.quiet_streams) for name, make in makers.items()}
    highest = {name: np.full(size.quiet_streams, -np.inf) for name in makers}
    early: dict[str, Floats] = {}
    for tick in range(size.quiet_ticks):
        counts = traffic.draw(rng, BEFORE, size.quiet_streams).astype(np.float64)
        for name, scorer in scorers.items():
            np.maximum(highest[name], scorer.step(counts), out=highest[name])
        if tick + 1 == size.quiet_ticks // 5:
            early = {name: peak.copy() for name, peak in highest.items()}
    return {name: (early[name], highest[name]) for name in makers}


def _run_length(threshold: float, early: Floats, late: Floats, ticks: int) -> float:
    """Estimate the mean ticks to an alarm: survival is straight at first and exponential from a fifth on."""
    first, last = float((early < threshold).mean()), float((late < threshold).mean())
    if not first > last > 0.0:
        return math.inf if last == first else float(ticks)
    rate = math.log(first / last) / (ticks - ticks // 5)
    return ticks // 5 * (1.0 + first) / 2.0 + first / rate


def _threshold(early: Floats, late: Floats, ticks: int) -> float:
    """Give the lowest score that was reached and keeps the run length."""
    reached = np.unique(late[np.isfinite(late)])
    low, high = 0, len(reached) - 1
    while low < high:
        middle = (low + high) // 2
        if _run_length(float(reached[middle]), early, late, ticks) < RUN_LENGTH:
            low = middle + 1
        else:
            high = middle
    return float(reached[high])


@dataclass(frozen=True)
class Change:
    """One change of one kind of traffic."""

    traffic: Traffic
    after: float
    """Share of failures."""
    limit: Limit
    size: Size

    def delays(
        self, contenders: Sequence[Contender], rng: np.random.Generator, *, slowed: bool
    ) -> list[tuple[float, float]]:
        """Give the mean delay of each method and its standard error: after quiet traffic, slowed or not."""
        streams = self.size.changed_streams
        scorers = [contender.make(streams) for contender in contenders]
        for _ in range(WARM_TICKS):
            counts = self.traffic.draw(rng, BEFORE, streams).astype(np.float64)
            for scorer in scorers:
                scorer.step(counts)
        for scorer in scorers if slowed else ():
            scorer.slow_down()
        longest = 30 + int(TICKS_A_LIMIT * self.limit.worst)
        thresholds = [contender.threshold for contender in contenders]
        return [_mean(at, longest) for at in self._alarmed_at(scorers, thresholds, longest, rng)]

    def _alarmed_at(
        self, scorers: Sequence[Scorer], thresholds: Sequence[float], longest: int, rng: np.random.Generator
    ) -> Floats:
        """Give the tick of each alarm, shape (methods, streams); infinite when it comes later."""
        streams = self.size.changed_streams
        at = np.full((len(scorers), streams), np.inf)
        for tick in range(1, longest + 1):
            counts = self.traffic.draw(rng, self.after, streams).astype(np.float64)
            for row, threshold, scorer in zip(at, thresholds, scorers, strict=True):
                if np.isinf(row).any():
                    row[(scorer.step(counts) >= threshold) & np.isinf(row)] = tick
            if not np.isinf(at).any():
                break
        return at


def _mean(at: Floats, longest: int) -> tuple[float, float]:
    """Give the mean and its standard error; streams still without alarm count as of an exponential tail."""
    alarmed = np.isfinite(at)
    number = max(int(alarmed.sum()), 1)
    delays = np.where(alarmed, at, longest)
    if alarmed.all():
        return float(delays.mean()), float(delays.std() / math.sqrt(number))
    mean = float(delays.sum() / number)
    return mean, mean / math.sqrt(number)
