"""A move that a human approves, fitted to the room that its targets have by then."""

from collections.abc import Sequence

from payments.action import Action, Reroute
from payments.route import Route


def fitted(action: Action, planned_with: Sequence[Route], now: Sequence[Route]) -> Action:
    """Lower each target's limit by what its load has grown since the plan; never raise one.

    A target without room leaves the move. A move for which nobody has room stays as it is: the guardrails
    say that it cannot be.
    """
    if not isinstance(action, Reroute) or not action.limits_per_s:
        return action
    limits = _limits(action, _load(planned_with), _load(now))
    if not limits or limits == action.limits_per_s:
        return action
    kept = {
        name: part for name, part in action.to.items() if name in limits or name not in action.limits_per_s
    }
    whole = sum(kept.values())
    to = {name: part / whole for name, part in kept.items()} if whole else action.to
    return action.model_copy(update={"to": to, "limits_per_s": limits})


def _limits(action: Reroute, before: dict[str, float], now: dict[str, float]) -> dict[str, float]:
    left = {
        name: limit - max(0.0, now.get(name, 0.0) - before.get(name, now.get(name, 0.0)))
        for name, limit in action.limits_per_s.items()
    }
    return {name: limit for name, limit in left.items() if limit > 0.0}


def _load(routes: Sequence[Route]) -> dict[str, float]:
    return {route.name: route.load_per_s for route in routes}
