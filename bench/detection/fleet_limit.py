"""The limit of a fault in the fleet: the delay of a detector that knows its place, strength and scatter.

It is a CUSUM of the exact beta-binomial log likelihood ratios of the affected leaves, which is minimax
(Moustakides 1986). Its run lengths come from a Markov chain (Brook and Evans 1972) over draws of the ratio.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln

from bench.detection.fleet_faults import Rates
from bench.detection.fleet_traffic import FleetSettings, beta_shape
from payments.quantity import Floats

DRAWS, LEAF_DRAWS = 8_000, 800_000
"""Ticks drawn from each law; fewer where many leaves are affected."""
STEP = 0.05
"""Nats between the states of the chain."""
NEVER = 1e-12
"""Run lengths beyond one over this are not told apart, so that the chain can be solved for all of them."""
WIDTH = 1_024
"""Largest move, in steps of the lattice: beyond any threshold."""


@dataclass(frozen=True)
class Chain:
    """A CUSUM on a lattice: its state moves by a step with this probability and never below zero."""

    steps: Floats
    """Probability of moving by -WIDTH..WIDTH lattice steps: shape (2 WIDTH + 1,)."""

    @staticmethod
    def of(ratios: Floats, weights: Floats) -> "Chain":
        """Put weighted log likelihood ratios on the lattice; the parts between two points go to both."""
        place = np.clip(ratios / STEP, -WIDTH, WIDTH - 1e-9) + WIDTH
        below = place.astype(np.intp)
        above = place - below
        steps = np.bincount(below, weights * (1.0 - above), 2 * WIDTH + 1)
        steps += np.bincount(below + 1, weights * above, 2 * WIDTH + 1)
        return Chain(steps / steps.sum())

    def run_length(self, states: int) -> float:
        """Give the expected ticks from zero until the sum reaches `states` steps."""
        middle = len(self.steps) // 2
        at = np.arange(states)
        move = self.steps[np.clip(at[None, :] - at[:, None] + middle, 0, len(self.steps) - 1)]
        move[:, 0] = np.cumsum(self.steps)[middle - at]
        return float(np.linalg.solve((1.0 + NEVER) * np.eye(states) - move, np.ones(states))[0])

    def states_for(self, run_length: float) -> int:
        """Give the fewest states with at least this expected run length."""
        low, high = 1, int(np.log(run_length) / STEP) + 1  # Lorden 1971: at least exp(threshold)
        while low < high:
            between = (low + high) // 2
            if self.run_length(between) >= run_length:
                high = between
            else:
                low = between + 1
        return low


def exact_limit(
    rates: Rates, settings: FleetSettings, arls: tuple[float, ...], rng: np.random.Generator
) -> tuple[float, ...]:
    """Give the expected delay in ticks of the oracle at each mean number of ticks between false alarms."""
    ratios = _draw(rates, settings, rng)
    # The draws are half from either law. Weighed against that mixture, all of them serve both laws, and the
    # rare large ratios before the fault, on which its false alarms hang, are plentiful.
    after = 1.0 / (1.0 + np.exp(-np.clip(ratios, -500.0, 500.0)))
    quiet, faulty = Chain.of(ratios, 1.0 - after), Chain.of(ratios, after)
    return tuple(faulty.run_length(quiet.states_for(arl)) for arl in arls)


def _draw(rates: Rates, settings: FleetSettings, rng: np.random.Generator) -> Floats:
    """Draw the sum of the leaves' log likelihood ratios of one tick, half before and half during it."""
    leaves = len(rates.attempts)
    shape = (2, max(500, min(DRAWS, LEAF_DRAWS // leaves)), leaves)
    scatter = settings.volume_scatter**-2
    attempts = rng.poisson(rates.attempts * rng.gamma(scatter, 1.0 / scatter, shape)).astype(np.float64)
    before, after = beta_shape(rates.before, settings.rho), beta_shape(rates.after, settings.rho)
    hits, misses = (np.stack([old, new])[:, None, :] for old, new in zip(before, after, strict=True))
    failures = rng.binomial(attempts.astype(np.int64), rng.beta(hits, misses, shape)).astype(np.float64)
    ratio = _log_probability(failures, attempts, *after) - _log_probability(failures, attempts, *before)
    summed: Floats = ratio.sum(axis=2).ravel()
    return summed


def _log_probability(failures: Floats, attempts: Floats, a: Floats, b: Floats) -> Floats:
    """Give the beta-binomial log probability but for the binomial coefficient."""
    log: Floats = betaln(failures + a, attempts - failures + b) - betaln(a, b)
    return log
