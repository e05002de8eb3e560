"""A circuit breaker: after failures in a row nobody is asked for a while."""

from typing import NamedTuple

FAILURES, OPEN_S = 3, 60.0


class Breaker(NamedTuple):
    """How often asking has failed in a row, and until when nobody is asked."""

    failures: int = 0
    open_until_s: float = 0.0

    def is_open(self, now_s: float) -> bool:
        """Say whether nobody is asked now."""
        return now_s < self.open_until_s

    def after(self, now_s: float, *, failed: bool) -> "Breaker":
        """Count an attempt. Once the time is over one attempt is let through; its failure opens again."""
        if not failed:
            return Breaker()
        failures = self.failures + 1
        return Breaker(failures, now_s + OPEN_S if failures >= FAILURES else 0.0)
