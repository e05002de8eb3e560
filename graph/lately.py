"""What was done on a feed lately: what other actions move, and how often they were taken and taken back."""

from datetime import datetime, timedelta
from typing import TypedDict

from graph.services import Services
from guardrails.facts import moved_per_s
from payments.errors import InputError, NotFoundError
from payments.incident import Incident
from payments.intervention import Intervention
from payments.outcome import Effect
from payments.segment import Segment

LATELY = timedelta(hours=1)
EXPIRED = "the action expired"
"""Why an action ended that nobody undid."""
NO_TARGET = "no target is left"
SHOWN = frozenset({EXPIRED, NO_TARGET})
"""After these ends nothing is waited for: what lapsed was seen all along, bad targets are known."""
NOT_HELPED = frozenset({Effect.NO_EFFECT, Effect.HARMED})


class DoneLately(TypedDict):
    """Fields of `guardrails.facts.Facts`."""

    share_moved_already: float
    actions_last_hour: int
    reverts_last_hour: int
    seconds_since_last_on_scope: float | None


def done_lately(
    incident: Incident, scope: Segment, attempts_per_window: float, now: datetime, services: Services
) -> DoneLately:
    """Count what was done on the incident's feed for other incidents."""
    known = services.incidents.interventions_of(incident.feed)
    others = [one for one in known if one.incident_id != incident.id]
    lately = [one for one in others if _changed_at(one) > now - LATELY]
    taken = {one.incident_id for one in others if one.started_at > now - LATELY}
    undone = {one.incident_id for one in lately if one.ended_at and _did_not_help(one, services)}
    shown = {one.incident_id for one in others if one.ended_because in SHOWN}
    on_scope = [
        _changed_at(one)
        for one in lately
        if one.incident_id not in shown and overlap(one.action.scope, scope)
    ]
    in_force = [one for one in others if one.ended_at is None]
    moved = sum(_moved_per_window(one, attempts_per_window, services) for one in in_force)
    return DoneLately(
        share_moved_already=min(1.0, moved / attempts_per_window) if attempts_per_window else 0.0,
        actions_last_hour=len(taken),
        reverts_last_hour=len(undone),
        seconds_since_last_on_scope=max(0.0, (now - max(on_scope)).total_seconds()) if on_scope else None,
    )


def _changed_at(intervention: Intervention) -> datetime:
    """Give when it last changed what happens to payments."""
    return intervention.ended_at or intervention.started_at


def _did_not_help(intervention: Intervention, services: Services) -> bool:
    incident = _incident_of(intervention, services)
    if incident is None:
        return True
    return incident.outcome is not None and incident.outcome.effect in NOT_HELPED


def _incident_of(intervention: Intervention, services: Services) -> Incident | None:
    """Give its incident; None when the row cannot be read, which is then taken for the worst."""
    try:
        return services.incidents.get(intervention.incident_id)
    except (InputError, NotFoundError):
        return None


def overlap(one: Segment, other: Segment) -> bool:
    """Say whether some payment may be in both: no attribute has two values."""
    return all(other.get(name) in {None, value} for name, value in one.root.items())


def _moved_per_window(intervention: Intervention, all_traffic: float, services: Services) -> float:
    incident = _incident_of(intervention, services)
    touched = incident.diagnosis.attempts_per_window if incident and incident.diagnosis else all_traffic
    wanted, window_s = intervention.goal or intervention.action, services.window_s
    return window_s * moved_per_s(wanted, touched / window_s)
