"""What one decision is about: the traffic of a situation until the expiry, in figures that stay finite."""

import math
from dataclasses import dataclass

from agents.planner.remedies import Remedy
from agents.planner.settings import PlannerSettings
from agents.planner.situation import Situation
from payments.action import Action
from payments.diagnosis import Diagnosis, Hypothesis
from payments.route import Route
from payments.segment import Segment
from payments.tally import Tally

_MOST_ATTEMPTS = 1e12
"""More per window than anybody has; keeps hostile counts from becoming infinite."""


@dataclass(frozen=True)
class Case:
    """Everything that the worth of an action depends on."""

    situation: Situation
    settings: PlannerSettings

    @property
    def diagnosis(self) -> Diagnosis:
        """What is to be healed."""
        return self.situation.diagnosis

    @property
    def tally(self) -> Tally:
        """Counts in the culprit since the onset."""
        return self.diagnosis.tally

    @property
    def expires_after_s(self) -> float:
        """Seconds that a proposed action lives: long enough for one window to show its effect."""
        return max(self.settings.expires_after_s, self.situation.window_s)

    @property
    def culprit_per_s(self) -> float:
        """Attempts a second in the culprit."""
        return min(self.diagnosis.attempts_per_window, _MOST_ATTEMPTS) / self.situation.window_s

    @property
    def total_per_s(self) -> float:
        """Attempts a second of all traffic, the culprit's at least."""
        total = min(self.situation.total_attempts_per_window, _MOST_ATTEMPTS) / self.situation.window_s
        return max(total, self.culprit_per_s)

    @property
    def culprit_attempts(self) -> float:
        """Attempts in the culprit until the expiry."""
        return self.culprit_per_s * self.expires_after_s

    @property
    def seen_loss(self) -> float:
        """Share of the culprit's attempts that fail or stay without an outcome now."""
        lost = self.tally.failures + self.tally.pending
        return min(1.0, lost / self.tally.attempts) if self.tally.attempts else 0.0

    @property
    def usual_loss(self) -> float:
        """The same share of the same attempts at the baseline."""
        lost = self.tally.expected_failures + self.tally.expected_pending
        return min(1.0, lost / self.tally.attempts) if self.tally.attempts else 0.0

    def loss(self, remedy: Remedy) -> float:
        """Give the share lost while nothing is done; or what slowness at stake will cost, if that is more."""
        return max(self.seen_loss, self._slow_loss(remedy))

    def loss_deviation(self, remedy: Remedy) -> float:
        """Give its standard deviation: by Jeffreys' posterior, or as uncertain as the price of slowness."""
        lost = self.tally.failures + self.tally.pending
        a, b = lost + 0.5, max(0, self.tally.attempts - lost) + 0.5
        seen = math.sqrt(a * b / ((a + b) ** 2 * (a + b + 1.0)))
        slow = self.situation.readings.slowed * self.settings.slow_lost_deviation
        return math.hypot(seen, slow) if self._slow_loss(remedy) > self.seen_loss else seen

    def _slow_loss(self, remedy: Remedy) -> float:
        if "slow" not in remedy.at_stake:
            return 0.0
        return min(1.0, self.usual_loss + self.situation.readings.slowed * self.settings.slow_lost)

    def stake_rate(self, remedy: Remedy) -> float:
        """Give what a remedy can win back as a share of the culprit's attempts."""
        return max(self.loss(remedy) - self.usual_loss, remedy.surplus(self.tally), 0.0)

    @property
    def load_limit(self) -> float:
        """Highest load of a target as a share of its capacity."""
        rate = self.tally.success_rate
        down = rate is not None and rate < self.settings.source_down_below
        return self.settings.max_target_load_when_source_down if down else self.settings.max_target_load

    @property
    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """The analyst's hypotheses, or the diagnosis as the only one."""
        if self.diagnosis.hypotheses:
            return self.diagnosis.hypotheses
        said = self.diagnosis
        return (
            Hypothesis(
                cause=said.cause, category=said.category, culprit=said.culprit, probability=said.confidence
            ),
        )

    def route(self, name: str | None) -> Route | None:
        """Give a known route by its name."""
        return next((route for route in self.situation.routes if route.name == name), None)

    def attempts_per_s(self, scope: Segment) -> float:
        """Give the attempts a second in a scope: an upper bound where it is not the culprit."""
        if self.diagnosis.culprit.contains(scope):
            return self.culprit_per_s
        return self.total_per_s

    def culprit_share(self, action: Action) -> float:
        """Give the share of the attempts in the action's scope that belongs to the culprit."""
        if not self.diagnosis.culprit.comparable(action.scope):
            return 0.0
        touched = self.attempts_per_s(action.scope)
        return self.culprit_per_s / touched if touched else 0.0
