"""Everything that the checks compare, as one value."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt, PositiveFloat

from payments.action import Action, Plan, Reroute, Route, Suppress
from payments.incident import Diagnosis


class Facts(BaseModel):
    """The plan, the diagnosis behind it, and the state of the world that it would change."""

    model_config = ConfigDict(frozen=True)

    diagnosis: Diagnosis
    plan: Plan
    routes: tuple[Route, ...]
    """Every route that can carry the scope; empty when no catalog is known."""
    window_s: PositiveFloat
    """Length of the aggregation window in seconds."""
    total_attempts_per_window: NonNegativeFloat
    """Attempts of all traffic."""
    data_age_s: NonNegativeFloat
    """Time since the end of the data that the diagnosis rests on."""
    ticks_learned: NonNegativeInt
    changes_traffic: bool
    """False for an actuator that only records."""
    ineffective_before: NonNegativeInt = 0
    """Times that this kind of action on this scope had no effect or did harm."""
    kill_switch_on: bool = False

    @property
    def action(self) -> Action:
        """The action under review."""
        return self.plan.action

    @property
    def attempts_in_scope(self) -> float:
        """Attempts per window that the action may touch; all traffic when its scope leaves the culprit."""
        if self.diagnosis.culprit.contains(self.action.scope):
            return self.diagnosis.attempts_per_window
        return max(self.total_attempts_per_window, self.diagnosis.attempts_per_window)

    @property
    def share_moved(self) -> float:
        """Fraction of the scope that leaves its route."""
        match self.action:
            case Reroute(share=share):
                return share
            case Suppress():
                return 1.0
            case _:
                return 0.0

    @property
    def moved_per_s(self) -> float:
        """Attempts a second that leave their route."""
        return self.share_moved * self.attempts_in_scope / self.window_s

    @property
    def share_of_total_moved(self) -> float:
        """Fraction of all traffic that leaves its route."""
        moved = self.share_moved * self.attempts_in_scope
        return moved / max(self.total_attempts_per_window, self.attempts_in_scope) if moved else 0.0

    @property
    def routes_by_name(self) -> Mapping[str, Route]:
        """The known routes."""
        return {route.name: route for route in self.routes}
