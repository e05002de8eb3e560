"""What one decision is about: the diagnosis, the routes, and the traffic until the expiry."""

import math
from collections.abc import Collection
from dataclasses import dataclass

from agents.planner.settings import PlannerSettings
from payments.action import Action, Route
from payments.incident import Diagnosis, Hypothesis, Tally
from payments.segment import Segment


@dataclass(frozen=True)
class Case:
    """Everything that the worth of an action depends on."""

    diagnosis: Diagnosis
    routes: tuple[Route, ...]
    window_s: float
    total_attempts_per_window: float
    settings: PlannerSettings

    @property
    def tally(self) -> Tally:
        """Counts in the culprit since the onset."""
        return self.diagnosis.tally

    @property
    def expires_after_s(self) -> float:
        """Seconds that a proposed action lives: long enough for one window to show its effect."""
        return max(self.settings.expires_after_s, self.window_s)

    @property
    def culprit_per_s(self) -> float:
        """Attempts a second in the culprit."""
        return self.diagnosis.attempts_per_window / self.window_s

    @property
    def culprit_attempts(self) -> float:
        """Attempts in the culprit until the expiry."""
        return self.culprit_per_s * self.expires_after_s

    @property
    def loss_rate(self) -> float:
        """Share of the culprit's attempts that fail or stay without an outcome now."""
        lost = self.tally.failures + self.tally.pending
        return lost / self.tally.attempts if self.tally.attempts else 0.0

    @property
    def usual_loss_rate(self) -> float:
        """The same share of the same attempts at the baseline."""
        lost = self.tally.expected_failures + self.tally.expected_pending
        return min(1.0, lost / self.tally.attempts) if self.tally.attempts else 0.0

    @property
    def loss_deviation(self) -> float:
        """Standard deviation of the loss rate, by Jeffreys' posterior."""
        lost = self.tally.failures + self.tally.pending
        a, b = lost + 0.5, max(0, self.tally.attempts - lost) + 0.5
        return math.sqrt(a * b / ((a + b) ** 2 * (a + b + 1.0)))

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

    def attempts_in(self, scope: Segment) -> float:
        """Give the attempts in a scope until the expiry: an upper bound where it is not the culprit."""
        if self.diagnosis.culprit.contains(scope):
            return self.culprit_attempts
        total = max(self.total_attempts_per_window, self.diagnosis.attempts_per_window)
        return total / self.window_s * self.expires_after_s

    def touched_culprit_attempts(self, action: Action) -> float:
        """Give the culprit's attempts that the action can touch until the expiry."""
        return self.culprit_attempts if self.diagnosis.culprit.comparable(action.scope) else 0.0

    def needed_methods(self, source: str | None) -> Collection[str]:
        """Give the methods that a target must carry; none named means every method there is."""
        method = self.diagnosis.culprit.role("method")
        if method is not None:
            return (method,)
        return next((route.methods for route in self.routes if route.name == source), ())
