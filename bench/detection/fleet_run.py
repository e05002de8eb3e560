"""One fleet watched: what the monitor reports of nothing, and how soon of each injected fault."""

import copy
import sys
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from agents.monitor import Monitor
from bench.detection.fleet_faults import KINDS, Fault, Rates, draw_fault
from bench.detection.fleet_limit import exact_limit
from bench.detection.fleet_traffic import BATCH_TICKS, Fleet, FleetSettings
from payments.finding import Finding, Signal

WEEK_S = 7 * 24 * 3600.0
PATIENCE, PATIENCE_TICKS = 10.0, 30
"""A fault is missed when it takes more than so many limits, and so many ticks."""
SPARE_WEEKS = 0.2
"""Drift beyond the end, for faults that begin there."""


@dataclass(frozen=True)
class Plan:
    """How long one run is, in ticks, and how many faults it meets."""

    learned: int
    observed: int
    events: int


@dataclass(frozen=True)
class FalseAlarm:
    """A finding where nothing was wrong."""

    seed: int
    tick: int
    signal: str
    segment: str
    observed: float
    expected: float
    log_evidence: float
    threshold: float


@dataclass(frozen=True)
class Event:
    """One injected fault and what the monitor made of it."""

    seed: int
    tick: int
    kind: str
    segment: str
    leaves: int
    attempts_per_tick: float
    excess_per_tick: float
    shift: float
    rate_before: float
    rate_after: float
    limit: float
    """Ticks of the detector that knows the fault, with the share of false alarms of one watched segment."""
    limit_alone: float
    """The same when it may spend all false alarms, for it watches nothing else."""
    delay: int | None
    """Ticks; None when the fault was missed."""
    signal: str | None
    named: str | None


@dataclass(frozen=True)
class Run:
    """One fleet watched."""

    weeks: float
    watched: int
    false_alarms: tuple[FalseAlarm, ...]
    events: tuple[Event, ...]


def watch_fleet(seed: int, plan: Plan, settings: FleetSettings, monitor: Monitor) -> Run:
    """Let a monitor learn and watch one fleet, and let copies of it meet faults on the way."""
    ticks, week = plan.learned + plan.observed, WEEK_S / settings.tick_s
    fleet = Fleet.draw(seed, ticks / week + SPARE_WEEKS, settings)
    meeting = _Meeting(fleet, seed, watched_segments(fleet), week)
    quiet = np.random.default_rng([seed, 2])
    starts = _starts(plan, seed)
    alarms: list[FalseAlarm] = []
    events: list[Event] = []
    for first in range(0, ticks, BATCH_TICKS):
        if first in starts:
            events.append(meeting.meet(copy_of(monitor, fleet), first, KINDS[len(events) % len(KINDS)]))
        batch = fleet.batch(first, BATCH_TICKS, quiet)
        for place in range(BATCH_TICKS):
            window = fleet.window(batch, place, quiet)
            if first < plan.learned:
                monitor.learn(window)
            elif (finding := monitor.observe(window).finding) is not None:
                alarms.append(_false_alarm(seed, first + place, finding))
        _tell(seed, first, settings, alarms, events)
    return Run(plan.observed / week, meeting.watched, tuple(alarms), tuple(events))


def watched_segments(fleet: Fleet) -> int:
    """Count the leaves with their roll-ups: all payments, single values and pairs of values."""
    width = len(fleet.cells.attributes)
    kept = [c for size in (0, 1, 2, width) for c in combinations(range(width), size)]
    return sum(len(np.unique(fleet.coded[:, columns], axis=0)) if columns else 1 for columns in kept)


def copy_of(monitor: Monitor, fleet: Fleet) -> Monitor:
    """Copy a monitor with all it learned; the cells stay the same object, as a source hands them out."""
    return copy.deepcopy(monitor, {id(fleet.cells): fleet.cells})


@dataclass(frozen=True)
class _Meeting:
    """Lets monitors meet faults."""

    fleet: Fleet
    seed: int
    watched: int
    ticks_per_week: float

    def meet(self, monitor: Monitor, tick: int, kind: str) -> Event:
        """Draw a fault that begins now, and give what the monitor makes of it."""
        rng = np.random.default_rng([self.seed, 4, tick])
        # One false alarm a week over all watched segments leaves each of them one in so many ticks.
        arls = (self.ticks_per_week * self.watched, self.ticks_per_week)
        fault = draw_fault(self.fleet, kind, tick, float(np.log(arls[0])), rng)
        rates = Rates.of(self.fleet, fault)
        limit, alone = exact_limit(rates, self.fleet.settings, arls, rng)
        delay, signal = self._watch(monitor, fault, round(PATIENCE * limit) + PATIENCE_TICKS, rng)
        attempts = float(rates.attempts.sum())
        return Event(
            seed=self.seed,
            tick=tick,
            kind=kind,
            segment=str(fault.segment),
            leaves=int(fault.affected.sum()),
            attempts_per_tick=attempts,
            excess_per_tick=rates.excess,
            shift=fault.shift,
            rate_before=float(rates.attempts @ rates.before) / attempts,
            rate_after=float(rates.attempts @ rates.after) / attempts,
            limit=limit,
            limit_alone=alone,
            delay=delay,
            signal=None if signal is None else signal.kind,
            named=None if signal is None else str(signal.segment),
        )

    def _watch(
        self, monitor: Monitor, fault: Fault, patience: int, rng: np.random.Generator
    ) -> tuple[int | None, Signal | None]:
        """Give the ticks until a finding that touches the fault, with its strongest signal that does."""
        for first in range(0, patience, BATCH_TICKS):
            batch = self.fleet.batch(fault.tick + first, BATCH_TICKS, rng, fault.shifts())
            for place in range(BATCH_TICKS):
                finding = monitor.observe(self.fleet.window(batch, place, rng)).finding
                touching = () if finding is None else self._touching(finding, fault)
                if touching:
                    return first + place + 1, touching[0]
        return None, None

    def _touching(self, finding: Finding, fault: Fault) -> tuple[Signal, ...]:
        return tuple(
            signal
            for signal in finding.signals
            if (self.fleet.cells.mask(signal.segment) & fault.affected).any()
        )


def _starts(plan: Plan, seed: int) -> frozenset[int]:
    """Draw when faults begin: at different batches, none in the first eighth of what is observed."""
    batches = np.arange(plan.learned + plan.observed // 8, plan.learned + plan.observed, BATCH_TICKS)
    first = (batches // BATCH_TICKS) * BATCH_TICKS
    chosen = np.random.default_rng([seed, 5]).choice(first, plan.events, replace=False)
    return frozenset(chosen.tolist())


def _false_alarm(seed: int, tick: int, finding: Finding) -> FalseAlarm:
    strongest = finding.signals[0]
    return FalseAlarm(
        seed=seed,
        tick=tick,
        signal=strongest.kind,
        segment=str(strongest.segment),
        observed=strongest.observed,
        expected=strongest.expected,
        log_evidence=strongest.log_evidence,
        threshold=finding.threshold,
    )


def _tell(
    seed: int, first: int, settings: FleetSettings, alarms: list[FalseAlarm], events: list[Event]
) -> None:
    day_s = 24 * 3600
    if round(first * settings.tick_s) % day_s == 0:
        found = sum(event.delay is not None for event in events)
        sys.stderr.write(
            f"fleet, seed {seed}: day {round(first * settings.tick_s) // day_s}, {len(alarms)} false alarms, "
            f"{found} of {len(events)} faults found\n"
        )
