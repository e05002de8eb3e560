"""What the monitor can be told."""

from dataclasses import dataclass

from payments.errors import SettingsError

SECONDS_PER_HOUR = 3600.0
SECONDS_PER_WEEK = 7 * 24 * SECONDS_PER_HOUR

LEVEL_MEMORY_S, LEVEL_MEMORY_MOST_S = 3600.0, 7200.0
"""A level of traffic that is older than this says little about now: without a season, none that is older
than the second is compared with."""
RATE_MEMORY_S = 6 * 3600.0
"""A rate that is older than this lags too far behind what drifts over a day."""


@dataclass(frozen=True)
class MonitorSettings:
    """How the traffic is cut into increments, and how often a quiet feed may raise an alarm."""

    tick_s: float = 5.0
    window_s: float = 60.0
    false_alarms_per_week: float = 1.0
    memory_ticks: int = 480
    """Ticks after which the baseline has forgotten 63 % of what it learned; see `rate_memory_ticks`."""
    ring_ticks: int = 120
    """Increments kept for counting back."""
    least_excess: float = 15.0
    """Attempts beyond what passes for normal that a change must have cost before it is reported."""
    least_excess_per_hour: float = 30.0
    """The same for an hour: what costs less can wait, however long an increment lasts."""
    ticks_to_learn: int = 12
    attempts_to_learn: int = 200
    """Both must be learned before anything can alarm."""

    def __post_init__(self) -> None:
        """Refuse what is not positive.

        Raises:
            SettingsError: which setting, and what it was.
        """
        for name, value in vars(self).items():
            if not value > 0:
                msg = f"monitor setting {name} must be positive, got {value!r}"
                raise SettingsError(msg)

    @property
    def ticks_per_window(self) -> int:
        """Increments in the window that people read; one when the increments are longer than it."""
        return max(1, round(self.window_s / self.tick_s))

    @property
    def ticks_per_week(self) -> float:
        """Increments a week."""
        return SECONDS_PER_WEEK / self.tick_s

    @property
    def excess_to_report(self) -> float:
        """Attempts that a change must have cost before it is reported."""
        return max(self.least_excess, self.least_excess_per_hour * self.tick_s / SECONDS_PER_HOUR)

    @property
    def rate_memory_ticks(self) -> int:
        """Ticks after which a rate has forgotten 63 %: half the memory where all of it would be too old."""
        return max(self.memory_ticks // 2, min(self.memory_ticks, round(RATE_MEMORY_S / self.tick_s)))

    @property
    def volume_memory_ticks(self) -> int:
        """Ticks after which a level of traffic has forgotten 63 %: it follows the day's season."""
        return max(12, min(self.memory_ticks // 2, round(LEVEL_MEMORY_S / self.tick_s)))

    @property
    def follows_season(self) -> bool:
        """Whether increments are short enough to tell a change of traffic from the day's season."""
        return self.volume_memory_ticks * self.tick_s <= LEVEL_MEMORY_MOST_S

    @property
    def release_ticks(self) -> int:
        """Increments that an alarm near the threshold may wait for more data: half a window, six at most."""
        return min(6, self.ticks_per_window // 2)
