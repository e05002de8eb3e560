"""Faults to inject into a fleet: a step of the failure rate in a leaf, a pair, a PSP or an issuer."""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from bench.detection.fleet_traffic import Fleet, expit
from payments.quantity import Floats
from payments.segment import Segment

Flags = npt.NDArray[np.bool_]

KINDS = ("leaf", "pair", "psp", "issuer")
WEAKEST, STRONGEST = 0.25, 3.5
"""Rise of the log odds of failure."""
SHORTEST_LIMIT, LONGEST_LIMIT = 1.01, 40.0
"""Ticks that an all-knowing detector takes, about."""


@dataclass(frozen=True)
class Fault:
    """A step of the failure rate from one tick on."""

    kind: str
    segment: Segment
    affected: Flags
    """Shape (leaves,)."""
    shift: float
    """Rise of the log odds of failure."""
    tick: int
    """The first affected one."""

    def shifts(self) -> Floats:
        """Give the rise of each leaf."""
        return np.where(self.affected, self.shift, 0.0)


@dataclass(frozen=True)
class Rates:
    """The affected leaves before and after: shape (affected,)."""

    attempts: Floats
    """Expected per tick."""
    before: Floats
    after: Floats

    @staticmethod
    def of(fleet: Fleet, fault: Fault) -> "Rates":
        """Look them up at the fault's first tick."""
        logit = fleet.failure_logit(fault.tick)[fault.affected]
        attempts = fleet.mean_attempts(fault.tick)[fault.affected]
        return Rates(attempts, expit(logit), expit(logit + fault.shift))

    @property
    def excess(self) -> float:
        """Failures per tick beyond those before."""
        return float(self.attempts @ (self.after - self.before))

    def information(self, rho: float) -> float:
        """Give the nats per tick about, as if counts were binomial with fewer attempts."""
        p0, p1 = self.before, self.after
        per_attempt = p1 * np.log(p1 / p0) + (1.0 - p1) * np.log((1.0 - p1) / (1.0 - p0))
        return float((self.attempts / (1.0 + self.attempts * rho)) @ per_attempt)


def draw_fault(fleet: Fleet, kind: str, tick: int, log_arl: float, rng: np.random.Generator) -> Fault:
    """Draw a place and a limit, both anew until a fault of permitted strength there has about that limit."""
    while True:
        segment = _segment(fleet, kind, rng)
        ticks = float(np.exp(rng.uniform(np.log(SHORTEST_LIMIT), np.log(LONGEST_LIMIT))))
        place = Fault(kind, segment, fleet.cells.mask(segment), STRONGEST, tick)

        def excess(log_shift: float, place: Fault = place, ticks: float = ticks) -> float:
            fault = replace(place, shift=float(np.exp(log_shift)))
            return ticks - _quick_limit(Rates.of(fleet, fault).information(fleet.settings.rho), log_arl)

        low, high = float(np.log(WEAKEST)), float(np.log(STRONGEST))
        if excess(low) < 0.0 < excess(high):
            return replace(place, shift=float(np.exp(brentq(excess, low, high, xtol=1e-3))))


def _quick_limit(information: float, log_arl: float) -> float:
    """Give ln(g I) / I, the limit for long delays (Lorden 1971, Pollak and Siegmund 1975)."""
    return max(log_arl + float(np.log(information)), information) / information


def _segment(fleet: Fleet, kind: str, rng: np.random.Generator) -> Segment:
    by_volume = np.argsort(-fleet.share)
    if kind == "leaf":
        rank = int(np.exp(rng.uniform(0.0, np.log(len(by_volume))))) - 1
        return fleet.cells.segment(int(by_volume[rank]))
    leaf = fleet.cells.segment(int(rng.integers(len(by_volume))))
    names = fleet.cells.attributes
    pairs = tuple(combinations(names, 2))
    open_ones = set(names) - set(pairs[rng.integers(len(pairs))] if kind == "pair" else (kind,))
    return leaf.without(*open_ones)
