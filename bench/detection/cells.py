"""The cells of the delay table: a volume, a share before and after, and how much counts vary."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from agents.monitor.likelihood import beta_binomial_log_ratio
from payments.quantity import Floats

SUCCESS_BEFORE = 0.92
SUCCESS_AFTER = (0.85, 0.5, 0.90, 0.91)
ATTEMPTS = (20, 200, 5000)
RHOS = (0.0, 0.003, 0.01)
RUN_LENGTH = 1e4
"""Mean ticks between false alarms, for every method."""


@dataclass(frozen=True)
class Traffic:
    """Failures of one stream: `attempts` a tick, intra-class correlation `rho` (0: independent)."""

    attempts: int
    rho: float

    def chances(self, share: float) -> Floats:
        """Give the probability of 0, 1, ... failures."""
        counts = np.arange(self.attempts + 1)
        if not self.rho:
            return np.asarray(stats.binom.pmf(counts, self.attempts, share))
        size = 1.0 / self.rho - 1.0
        return np.asarray(stats.betabinom.pmf(counts, self.attempts, share * size, (1.0 - share) * size))

    def draw(
        self, rng: np.random.Generator, share: float, streams: int
    ) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        """Draw one tick of independent streams."""
        if not self.rho:
            return rng.binomial(self.attempts, share, streams)
        size = 1.0 / self.rho - 1.0
        return rng.binomial(self.attempts, rng.beta(share * size, (1.0 - share) * size, streams))

    def log_ratios(self, before: float, after: float) -> Floats:
        """Give the exact log likelihood ratio of 0, 1, ... failures."""
        counts = np.arange(self.attempts + 1.0)
        whole = np.full_like(counts, self.attempts)
        return beta_binomial_log_ratio(counts, whole, (before, after), self.rho)
