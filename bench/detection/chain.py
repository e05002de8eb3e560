"""Run lengths of CUSUMs without simulation: Markov chains after Brook and Evans (1972, Biometrika 59)."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import lu_factor, lu_solve

from payments.quantity import Floats

STATES = 400
NEGLIGIBLE = 1e-14
HALVINGS = 24
POWERS = 4


@dataclass(frozen=True)
class Walk:
    """Steps of a CUSUM and the probability of each."""

    steps: Floats
    chances: Floats

    def run_length(self, barrier: float) -> float:
        """Give the mean ticks from zero to the barrier."""
        return float(self.run_lengths(barrier)[0])

    def run_lengths(self, barrier: float) -> Floats:
        """Give the mean ticks from each state below the barrier; infinite when too long for the precision."""
        lengths = np.linalg.solve(np.eye(STATES) - self._moves(barrier), np.ones(STATES))
        return np.where(lengths > 0.0, lengths, math.inf)

    def steady_states(self, barrier: float) -> Floats:
        """Give the chances of the states once the walk has gone on for long without an alarm."""
        factors = lu_factor(np.eye(STATES) - self._moves(barrier))
        chances = np.full(STATES, 1.0 / STATES)
        for _ in range(POWERS):
            chances = lu_solve(factors, chances, trans=1)
            chances /= chances.sum()
        return np.asarray(chances)

    def steady_rate(self, barrier: float) -> float:
        """Give the chance of an alarm per tick once the walk has gone on for long without one.

        It is one minus the Perron root of the moves among the states below the barrier, by inverse iteration.
        A walk from zero lives at least as long: P(alarm after t) >= (1 - rate)^t.
        """
        factors = lu_factor(np.eye(STATES) - self._moves(barrier))
        vector, growth = np.ones(STATES), 1.0
        for _ in range(POWERS):
            vector = lu_solve(factors, vector)
            growth = float(vector.max())
            vector /= growth
        return 1.0 / growth

    def barrier_for(self, run_length: float) -> tuple[float, float]:
        """Give the barriers just below and just above which the run length from zero is the wanted one."""
        low, high = 1e-2, math.log(run_length) + 3.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2.0
            if self.run_length(middle) < run_length:
                low = middle
            else:
                high = middle
        return low, high

    def _moves(self, barrier: float) -> Floats:
        """Give the chances of moving among states below the barrier; a landing between two is split."""
        likely = self.chances > NEGLIGIBLE
        steps, chances = self.steps[likely], self.chances[likely]
        places = np.maximum(np.arange(STATES)[:, None] + steps * (STATES / barrier), 0.0)
        lower = np.floor(places).astype(np.intp)
        moves = np.zeros(STATES * STATES)
        weight = places - lower
        for target, share in ((lower, 1.0 - weight), (lower + 1, weight)):
            stays = (places < STATES) & (target < STATES)
            flat = (np.arange(STATES)[:, None] * STATES + target)[stays]
            moves += np.bincount(flat, (share * chances)[stays], STATES * STATES)
        return moves.reshape(STATES, STATES)


@dataclass(frozen=True)
class Limit:
    """Mean ticks that nobody can do with less of."""

    worst: float
    """When the change comes at the worst moment: no method has less (Moustakides 1986)."""
    after_quiet: float
    """What the same CUSUM takes when the change comes after much quiet traffic."""


def exact_limit(log_ratios: Floats, before: Floats, after: Floats, run_length: float) -> Limit:
    """Give the least possible worst mean delay: that of the CUSUM that knows both shares (Moustakides 1986).

    Where counts are too coarse for the exact run length, the two nearest barriers are mixed.
    """
    quiet, changed = Walk(log_ratios, before), Walk(log_ratios, after)
    barriers = quiet.barrier_for(run_length)
    low, high = (math.log(quiet.run_length(barrier) / run_length) for barrier in barriers)
    part = -low / (high - low) if low < 0.0 < high else 1.0
    delays = [changed.run_lengths(barrier) for barrier in barriers]
    steady = quiet.steady_states(barriers[1])
    mixed = (1.0 - part) * delays[0] + part * delays[1] if part < 1.0 else delays[1]
    return Limit(float(mixed[0]), float(steady @ mixed))
