"""What actions in force have yet to move to a route: its load of the last minute does not show it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from graph.services import Services
from guardrails.facts import added_per_s, moved_per_s
from payments.action import Reroute
from payments.intervention import Intervention
from payments.route import Route

LOAD_OVER_S = 60.0
"""Loads of routes are means over this long."""


def with_committed(
    routes: Sequence[Route], incident_id: str, feed: str, now: datetime, services: Services
) -> tuple[Route, ...]:
    """Add to the load of each route what the rollouts of other incidents will still bring it.

    So that two actions that grow at the same time do not both count on the same room.
    """
    others = [one for one in services.incidents.active_interventions(feed) if one.incident_id != incident_id]
    coming = [(name, per_s) for one in others for name, per_s in _coming(one, now, services)]
    return tuple(
        route.model_copy(
            update={"load_per_s": route.load_per_s + sum(more for name, more in coming if name == route.name)}
        )
        for route in routes
    )


def _coming(intervention: Intervention, now: datetime, services: Services) -> Iterator[tuple[str, float]]:
    """Give the attempts a second by which each target's load still rises."""
    goal, action = intervention.goal, intervention.action
    diagnosis = services.incidents.get(intervention.incident_id).diagnosis
    if not isinstance(goal, Reroute) or not isinstance(action, Reroute) or diagnosis is None:
        return
    rate = diagnosis.attempts_per_window / services.window_s
    since = intervention.stepped_at or intervention.begun_at or intervention.started_at
    shown = min(1.0, max(0.0, (now - since).total_seconds() / LOAD_OVER_S))
    for name in action.to:
        yield name, max(0.0, _most(goal, name, rate) - shown * _most(action, name, rate))


def _most(action: Reroute, target: str, per_s: float) -> float:
    """Give the most that a target gets: what another one's limit turns away comes to it as well."""
    return added_per_s(action, target, moved_per_s(action, per_s))
