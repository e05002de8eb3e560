"""What no detector can do: how soon it can find one change when it must find another one within some delay.

A detector that stops at T has the delay J_i against change i when that comes at the worst moment (Lorden
1971). Let V_i be the likelihood ratio CUSUM of change i before each tick, 0 before the first. By weighing the
moments at which the change may come, Moustakides (1986) finds for every detector at all

    J_i >= E sum max(V_i, 1) / E sum max(1 - V_i, 0)      sums over the ticks until T, of quiet traffic.

So delays J_1 <= d_1 and J_2 <= d_2 with E T >= g are out of reach if, for some multipliers m >= 0, the sum of

    m_1 (max(V_1, 1) - d_1 max(1 - V_1, 0)) + m_2 (the same of change 2) - m_3,

plus m_3 g, is positive in the mean for every T. The least of it over all T is an optimal stopping problem
with the two CUSUMs as its state, solved here by iteration over values on a lattice. Any multipliers prove;
good ones are searched for. Values are concave in V but for a slight kink at one, and straight lines between
the points of the lattice lie below them: coarse lattices prove less, as comparing them shows.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import OptimizeResult, minimize

from bench.detection.cells import RUN_LENGTH, SUCCESS_BEFORE, Traffic
from bench.detection.chain import Walk, exact_limit
from payments.quantity import Floats

CASES = ((20, 0.5, 0.85), (5000, 0.90, 0.91))
"""Attempts a tick, a success rate that a threshold on one tick finds nearly at once, and another one."""
MARGIN = 1.5
"""Nats of the lattice beyond the barrier of the CUSUM that knows the change."""
STATES = 40
"""Of each CUSUM; twice as many change the third digit of a delay."""
FIRST_MULTIPLIERS = (16.0, 2.6)
"""Where the search begins; good ones of the first case."""
CORNERS = np.array([[0.0, 0.0], [0.6, 0.0], [0.0, 0.3]])
TRIED, HALVINGS = 30, 7
MOST = 1.5
"""Delay in limits up to which is searched."""
SWEEPS, ROUNDS = 60, 60
"""Ticks between two of Newton's steps on the value, and such steps at most."""
EXACT, SHORT = 1e-7, 1e-5
"""Step relative to the value, and ticks that an equation is short of, at which iteration ends."""
NEGLIGIBLE = 1e-13
NEVER = 1e4
"""Mean cost a tick, in ticks, below which a detector that never stops is the cheapest."""

Lattice = sparse.csr_array[np.float64, tuple[int, int]]


@dataclass(frozen=True)
class Axis:
    """The states of one CUSUM and what each likely count makes of them."""

    states: int
    reached: Floats
    """V after a count: shape (counts, states)."""
    moves: tuple[Lattice, ...]
    """For each count, the weights of the states next to max(V, 1): shape (states, states)."""

    @classmethod
    def of(cls, log_ratios: Floats, top: float, states: int) -> "Axis":
        """Space the states evenly from 0 nats to the top."""
        values = np.exp(np.linspace(0.0, top, states))
        reached = values * np.exp(log_ratios)[:, None]
        return cls(states, reached, tuple(_between(values, np.clip(row, 1.0, values[-1])) for row in reached))

    def cost(self, delay: float) -> Floats:
        """Give what a further tick costs, in ticks, against the delay."""
        return np.asarray(np.maximum(self.reached, 1.0) - delay * np.maximum(1.0 - self.reached, 0.0))


@dataclass(frozen=True)
class Pair:
    """Two changes of one kind of traffic, by their success rates."""

    traffic: Traffic
    successes: tuple[float, float]

    @property
    def before(self) -> float:
        """Share of failures before any change."""
        return 1.0 - SUCCESS_BEFORE

    @property
    def log_ratios(self) -> tuple[Floats, Floats]:
        """Give the log likelihood ratios of 0, 1, ... failures for both changes."""
        first, second = (self.traffic.log_ratios(self.before, 1.0 - success) for success in self.successes)
        return first, second

    def limits(self) -> tuple[float, float]:
        """Give the least delay of each change for a detector that need not find the other."""
        quiet = self.traffic.chances(self.before)
        first, second = (
            exact_limit(ratios, quiet, self.traffic.chances(1.0 - success), RUN_LENGTH).worst
            for ratios, success in zip(self.log_ratios, self.successes, strict=True)
        )
        return first, second

    def contest(self, states: int) -> "Contest":
        """Lay out the CUSUMs of both changes."""
        quiet = self.traffic.chances(self.before)
        first, second = (Walk(ratios, quiet).barrier_for(RUN_LENGTH)[1] for ratios in self.log_ratios)
        return Contest.of(quiet, self.log_ratios, (first + MARGIN, second + MARGIN), states, RUN_LENGTH)

    def least_delay(self, first: float, states: int = STATES) -> float:
        """Give a delay at the second change that every detector with `first` at the first one exceeds."""
        contest, limits = self.contest(states), self.limits()
        low, high = limits[1], MOST * limits[1]
        multipliers = FIRST_MULTIPLIERS
        for _ in range(HALVINGS):
            middle = math.sqrt(low * high)
            surplus, multipliers = contest.largest_surplus((first, middle), multipliers)
            low, high = (middle, high) if surplus > 0.0 else (low, middle)
        return low


def measure_frontier() -> list[dict[str, float]]:
    """Give what is left for another change, for detectors as quick as the best threshold on one tick."""
    return [_row(Pair(Traffic(attempts, 0.0), (quick, other))) for attempts, quick, other in CASES]


def threshold_delay(traffic: Traffic, success: float) -> float:
    """Give the delay of the threshold on one tick, drawn between two numbers for the exact run length."""
    before, after = (traffic.chances(1.0 - share)[::-1] for share in (SUCCESS_BEFORE, success))
    above = np.cumsum(before)
    last = int(np.searchsorted(above, 1.0 / RUN_LENGTH))
    part = (1.0 / RUN_LENGTH - (above[last] - before[last])) / before[last]
    return 1.0 / float(after[:last].sum() + part * after[last])


def _row(pair: Pair) -> dict[str, float]:
    peer, limits = threshold_delay(pair.traffic, pair.successes[0]), pair.limits()
    least = pair.least_delay(peer)
    return {
        "n": pair.traffic.attempts, "p0": SUCCESS_BEFORE, "p1": pair.successes[0], "delay": peer,
        "limit": limits[0], "other_p1": pair.successes[1], "other_delay_at_least": least,
        "other_limit": limits[1], "other_ratio_at_least": least / limits[1],
    }  # fmt: skip


@dataclass(frozen=True)
class Contest:
    """Two CUSUMs fed by the same counts, of which only likely ones are kept."""

    chances: Floats
    """Of each count in quiet traffic: shape (counts, 1)."""
    axes: tuple[Axis, Axis]
    moves: Lattice
    """From both CUSUMs and a count to both: shape (counts x states x states, states x states)."""
    run_length: float

    @classmethod
    def of(
        cls, chances: Floats, log_ratios: tuple[Floats, Floats], tops: tuple[float, float], states: int,
        run_length: float,
    ) -> "Contest":  # fmt: skip
        """Lay out both CUSUMs up to their tops, in nats."""
        likely = chances > NEGLIGIBLE
        first, second = (
            Axis.of(ratios[likely], top, states) for ratios, top in zip(log_ratios, tops, strict=True)
        )
        both = zip(first.moves, second.moves, strict=True)
        moves = sparse.vstack([sparse.kron(one, other) for one, other in both]).tocsr()
        return cls(chances[likely][:, None], (first, second), moves, run_length)

    def surplus(self, delays: tuple[float, float], multipliers: tuple[float, float]) -> float:
        """Give the least mean sum of all detectors; the second change has the multiplier 1.

        Positive: no detector finds both changes within these delays.
        """
        weight, price = multipliers
        first, second = (axis.cost(delay) for axis, delay in zip(self.axes, delays, strict=True))
        costs = weight * first[:, :, None] + second[:, None, :] - price
        start = weight * (1.0 - delays[0]) + 1.0 - delays[1] - price
        value, short = self._value(costs.reshape(len(costs), -1))
        # Values that fall short of the equation by so much a tick are exact for a price lower by it.
        return start + value + (price - short) * self.run_length

    def largest_surplus(
        self, delays: tuple[float, float], start: tuple[float, float]
    ) -> tuple[float, tuple[float, float]]:
        """Search for the multipliers with the largest surplus, until one is positive."""

        def shortfall(logs: Floats) -> float:
            return -self.surplus(delays, (math.exp(logs[0]), math.exp(logs[1])))

        at = np.log(start)
        found = minimize(
            shortfall,
            at,
            method="Nelder-Mead",
            callback=_stop_when_negative,
            options={"maxfev": TRIED, "initial_simplex": at + CORNERS},
        )
        weight, price = np.exp(found.x)
        return -float(found.fun), (float(weight), float(price))

    def _value(self, costs: Floats) -> tuple[float, float]:
        """Give the mean cost from both CUSUMs at their lowest, and by how much a tick it may be too high.

        By Newton's steps on the cost of coming back there.
        """
        table, returns = np.zeros(costs.shape[1]), np.zeros(costs.shape[1])
        last, value, short = table, 0.0, math.inf
        for _ in range(ROUNDS):
            for _ in range(SWEEPS):
                table[0], returns[0] = value, 1.0
                last, (table, returns) = table, self._sweep(table, returns, costs)
            found, short = float(table[0]), float(np.max(last - table).clip(0.0))
            step = (found - value) / max(1.0 - float(returns[0]), NEGLIGIBLE)
            if short <= SHORT and abs(step) <= EXACT * abs(value):
                break
            value += step
            if value < -NEVER * self.run_length:
                return value, 0.0
        return value, short

    def _sweep(self, table: Floats, returns: Floats, costs: Floats) -> tuple[Floats, Floats]:
        """Take one tick back: after each count stop at no cost, or go on.

        Gives the mean costs, and the chances of ever coming back to both CUSUMs at their lowest.
        """
        ahead = (self.moves @ np.stack([table, returns], axis=1)).reshape(*costs.shape, 2)
        cost = ahead[:, :, 0] + costs
        goes_on = cost < 0.0
        spent = (self.chances * np.where(goes_on, cost, 0.0)).sum(axis=0)
        back = (self.chances * np.where(goes_on, ahead[:, :, 1], 0.0)).sum(axis=0)
        return spent, back


def _between(values: Floats, at: Floats) -> Lattice:
    """Give the weights of the two values next to each place."""
    below = np.clip(np.searchsorted(values, at, side="right") - 1, 0, len(values) - 2)
    part = (at - values[below]) / (values[below + 1] - values[below])
    places = np.arange(len(at))
    entries = (np.concatenate([1.0 - part, part]), (np.tile(places, 2), np.concatenate([below, below + 1])))
    return sparse.csr_array(entries, shape=(len(at), len(values)))


def _stop_when_negative(intermediate_result: OptimizeResult) -> None:
    """End a search at the first proof."""
    if intermediate_result.fun < 0.0:
        raise StopIteration
