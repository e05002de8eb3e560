"""Everything that the checks compare, as one value."""

from collections.abc import Mapping
from unicodedata import category, normalize

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt, PositiveFloat

from payments.action import Action, Reroute, Suppress
from payments.diagnosis import Diagnosis
from payments.plan import Plan
from payments.route import Route
from payments.verdict import Mode

_UNSEEN = frozenset({"Cc", "Cf"})
"""Unicode categories of control and format characters, such as a space of no width."""


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
    proposal_age_s: NonNegativeFloat = 0.0
    """Time since the fault was last seen to go on: by the diagnosis, or by a watch since."""
    ticks_learned: NonNegativeInt
    changes_traffic: bool
    """False for an actuator that only records."""
    at: AwareDatetime | None = None
    """Now, by the feed's clock; None for the time of the diagnosis."""
    mode: Mode = Mode.AUTOPILOT
    approvers: tuple[str, ...] = ()
    """Who has said yes to this action so far."""
    share_moved_already: NonNegativeFloat = 0.0
    """Fraction of all traffic that the other actions in force move."""
    actions_last_hour: NonNegativeInt = 0
    """Incidents of this feed on whose account traffic was changed, this one not counted."""
    reverts_last_hour: NonNegativeInt = 0
    """Those of them whose action was undone because it harmed or did nothing."""
    seconds_since_last_on_scope: NonNegativeFloat | None = None
    """Since traffic of the scope was last changed or changed back; None when it was not lately."""
    rejected_before: NonNegativeInt = 0
    """Times that a human said no to this kind of action on this scope, among similar past incidents."""
    ineffective_before: NonNegativeInt = 0
    """Times that this kind of action on this scope had no effect or did harm."""
    kill_switch_on: bool = False

    @property
    def action(self) -> Action:
        """The action under review."""
        return self.plan.action

    @property
    def now(self) -> AwareDatetime:
        """The time of the review."""
        return self.at or self.diagnosis.at

    @property
    def moves(self) -> bool:
        """Say whether payments would leave their route."""
        return isinstance(self.action, Reroute | Suppress)

    @property
    def people(self) -> int:
        """How many different people have said yes, whatever the spelling of their names."""
        return len({person(name) for name in self.approvers} - {""})

    @property
    def attempts_in_scope(self) -> float:
        """Attempts per window that the action may touch; all traffic when its scope leaves the culprit."""
        if self.diagnosis.culprit.contains(self.action.scope):
            return self.diagnosis.attempts_per_window
        return max(self.total_attempts_per_window, self.diagnosis.attempts_per_window)

    @property
    def moved_per_s(self) -> float:
        """Attempts a second that leave their route."""
        return moved_per_s(self.action, self.scope_per_s)

    @property
    def share_of_total_moved(self) -> float:
        """Fraction of all traffic that leaves its route."""
        moved = self.moved_per_s * self.window_s
        return moved / max(self.total_attempts_per_window, self.attempts_in_scope) if moved else 0.0

    @property
    def source(self) -> str | None:
        """The route that payments would leave; None when none is named."""
        return self.action.from_route if isinstance(self.action, Reroute) else self.action.scope.role("route")

    @property
    def scope_per_s(self) -> float:
        """Attempts a second that the action may touch."""
        return self.attempts_in_scope / self.window_s

    @property
    def targets(self) -> tuple[Route, ...]:
        """The known routes that would get more payments."""
        match self.action:
            case Reroute(to=to):
                return tuple(route for route in self.routes if route.name in to)
            case Suppress():
                return tuple(route for route in self.routes if route.name != self.source)
            case _:
                return ()

    @property
    def routes_by_name(self) -> Mapping[str, Route]:
        """The known routes."""
        return {route.name: route for route in self.routes}


def person(name: str) -> str:
    """Give a name as it is compared: case, spaces and what nobody sees do not make another person."""
    seen = "".join(one for one in normalize("NFKC", name) if one.isspace() or category(one) not in _UNSEEN)
    return " ".join(normalize("NFKC", seen.casefold()).split())


def moved_per_s(action: Action, in_scope_per_s: float) -> float:
    """Give the attempts a second that leave their route, of those in the action's scope."""
    match action:
        case Reroute(share=share):
            return min(share * in_scope_per_s, _most_taken_per_s(action))
        case Suppress():
            return in_scope_per_s
        case _:
            return 0.0


def added_per_s(action: Reroute, target: str, moved: float) -> float:
    """Give the most attempts a second that a target gets of those that move.

    What exceeds one target's limit goes to the others, so once there are limits each may get all that its
    own allows.
    """
    limit = action.limits_per_s.get(target)
    if limit is not None:
        return min(limit, moved)
    return moved if action.limits_per_s else action.to[target] * moved


def _most_taken_per_s(action: Reroute) -> float:
    return sum(action.limits_per_s.get(target, float("inf")) for target in action.to)
