"""Counts of one segment that add up over time."""

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt


class Tally(BaseModel):
    """Counts of one segment over some ticks, with what the baseline expected of the same attempts."""

    model_config = ConfigDict(frozen=True)

    attempts: NonNegativeInt = 0
    failures: NonNegativeInt = 0
    pending: NonNegativeInt = 0
    expected_attempts: NonNegativeFloat = 0.0
    expected_failures: NonNegativeFloat = 0.0
    expected_pending: NonNegativeFloat = 0.0
    payments: NonNegativeInt | None = None
    """Unique payments; None when the source does not tell first attempts from repeats."""
    ticks: NonNegativeInt = 0

    @property
    def success_rate(self) -> float | None:
        """Share of the attempts that are known to have succeeded, or None without attempts."""
        if self.attempts == 0:
            return None
        return max(0, self.attempts - self.failures - self.pending) / self.attempts

    def __add__(self, other: "Tally") -> "Tally":
        payments = None
        if self.payments is not None and other.payments is not None:
            payments = self.payments + other.payments
        if not self.ticks or not other.ticks:  # a tally of no ticks cannot tell whether payments are counted
            payments = other.payments if not self.ticks else self.payments
        return Tally(
            attempts=self.attempts + other.attempts,
            failures=self.failures + other.failures,
            pending=self.pending + other.pending,
            expected_attempts=self.expected_attempts + other.expected_attempts,
            expected_failures=self.expected_failures + other.expected_failures,
            expected_pending=self.expected_pending + other.expected_pending,
            payments=payments,
            ticks=self.ticks + other.ticks,
        )
