"""Static thresholds and a person with a runbook, who acts some twenty minutes after the alarm."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import exp

import numpy as np

from bench.crew.policies.policy import Move, Seen
from bench.crew.policies.recent import Counts, Recent
from bench.crew.policies.runbook import Finding, follow, look
from bench.crew.policies.threshold import Threshold
from payments.action import Action, Reroute
from payments.segment import Segment, role_of

MEDIAN_S = 1_200.0
"""Of the time from an alarm until the person has acted."""
_SIGMA = 0.5
_LOOKS_BACK_S = 600.0
_CHECKS_EVERY_S = 300.0
"""Once something is done, the person looks again this often."""
_HOLDS_RETRIES_S = 1_800.0
"""Nothing on the dashboard shows when a retry policy is no longer needed."""
_WELL_AT = 0.5
"""Part of the drop that may be left on the source when it counts as well again.

Whoever stays on it has failed there more often than others, so it never quite looks as usual.
"""
_LEAST_PROBED = 10.0


def time_to_act_s(rng: np.random.Generator) -> float:
    """Draw how long a person takes from an alarm to acting, log-normal."""
    return MEDIAN_S * exp(_SIGMA * rng.standard_normal())


@dataclass
class StaticThreshold:
    """One alarm is looked after at a time; a person stands down when it has gone before they act."""

    rng: np.random.Generator
    learns_until: datetime
    """End of the quiet past, from which the usual rates are known."""
    name: str = "static_threshold"
    _threshold: Threshold = field(default_factory=Threshold)
    _recent: Recent = field(default_factory=lambda: Recent(_LOOKS_BACK_S))
    _usual: Counts | None = None
    _due: datetime | None = None
    _action: Action | None = None
    _drop: float = 0.0
    """Of the success rate, when the person acted."""

    def decide(self, seen: Seen) -> Move:
        """Raise the alarm, let the person arrive, act, and see when it is over."""
        self._recent.add(seen.window)
        learn = seen.now <= self.learns_until
        self._threshold.add(seen.window, learn=learn)
        if learn:
            tick = Counts.of([seen.window])
            self._usual = tick if self._usual is None else self._usual.plus(tick)
            return Move()
        said = self._next(seen)
        return Move(actions=(self._action,) if self._action else (), said=said)

    def _next(self, seen: Seen) -> str:
        if self._due is None:
            return self._call(seen.now)
        if seen.now < self._due:
            return ""
        return self._act(seen) if self._action is None else self._check(seen)

    def _call(self, now: datetime) -> str:
        alarm = self._threshold.alarm()
        if alarm is None:
            return ""
        self._due = now + timedelta(seconds=time_to_act_s(self.rng))
        return f"alarm: {alarm.segment} has lost {alarm.drop:.0%}, retries {alarm.retries:.1f} x the usual"

    def _act(self, seen: Seen) -> str:
        """Follow the runbook; who finds nothing to do looks again when the next alarm calls."""
        finding = self._look()
        self._action = follow(finding, seen.routes, seen.planned) if finding else None
        self._due = None
        if finding is None or self._action is None:
            return "the person finds nothing to do"
        self._drop = finding.drop
        held_s = _CHECKS_EVERY_S if isinstance(self._action, Reroute) else _HOLDS_RETRIES_S
        self._due = seen.now + timedelta(seconds=held_s)
        return f"the person follows the runbook for {finding.scope}"

    def _check(self, seen: Seen) -> str:
        """Undo a reroute when the probe on its source is well again, anything else when its time is up."""
        if isinstance(self._action, Reroute) and not self._well(self._action):
            self._due = seen.now + timedelta(seconds=_CHECKS_EVERY_S)
            return ""
        self._action = self._due = None
        return "the person undoes it"

    def _look(self) -> Finding | None:
        windows = list(self._recent.windows)
        return look(Counts.of(windows), self._usual, windows) if self._usual else None

    def _well(self, action: Reroute) -> bool:
        windows = list(self._recent.windows)
        cells = windows[-1].cells
        routes = [name for name in cells.attributes if role_of(name) == "route"]
        path = Segment({**action.scope.root, routes[0]: action.from_route})
        mine = cells.mask(path)
        late = [w for w in windows if w.end > windows[-1].end - timedelta(seconds=_CHECKS_EVERY_S)]
        now, usual = Counts.of(late).within(mine), self._usual.within(mine) if self._usual else None
        enough = float(now.attempts.sum()) >= _LEAST_PROBED
        return enough and usual is not None and now.rate >= usual.rate - _WELL_AT * self._drop
