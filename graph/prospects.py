"""The routes as an incident's payments would find them: room promised to others, and how they would fare."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import sqrt

from graph.apart import Apart, disjoint
from graph.committed import LOAD_OVER_S, with_committed
from graph.lately import LATELY, NO_TARGET, overlap
from graph.services import Senses, Services
from payments.action import Reroute
from payments.incident import Incident
from payments.intervention import Intervention
from payments.route import Route
from payments.segment import Segment, role_of
from payments.tally import Tally

STEADY_OVER = timedelta(minutes=10)
_BY_CHANCE_SD = 2.0
"""Standard deviations (of a Poisson count, one added) that a route may lose beyond the usual by chance."""


def routes_seen(
    scope: Segment, incident_id: str, now: datetime, senses: Senses, services: Services
) -> tuple[Route, ...]:
    """Give the routes for a scope, as this process sees them now."""
    feed = senses.source.feed
    steady = _with_steady_load(senses.catalog.routes(scope), scope, now, senses)
    routes = with_committed(steady, incident_id, feed, now, services)
    bad = bad_targets(feed, now - LATELY, services)
    return tuple(
        route.model_copy(update={"scope_success": 0.0}) if route.name in bad else route
        for route in _with_success(routes, scope, incident_id, now, Apart(services, senses))
    )


def _with_steady_load(
    routes: Sequence[Route], scope: Segment, now: datetime, senses: Senses
) -> tuple[Route, ...]:
    """Count no route as emptier than it was over ten minutes: a minute of few attempts says little."""
    attribute = _route_attribute(scope)
    if attribute is None:
        return tuple(routes)
    since = now - STEADY_OVER
    own = {route.name: senses.monitor.tally(Segment({attribute: route.name}), since) for route in routes}
    means = {name: one.attempts / (max(one.ticks, 1) * senses.source.tick_s) for name, one in own.items()}
    return tuple(
        route.model_copy(update={"load_per_s": max(route.load_per_s, means[route.name])}) for route in routes
    )


def _route_attribute(scope: Segment) -> str | None:
    return next((name for name in scope.names() if role_of(name) == "route"), None)


def bad_targets(feed: str, since: datetime, services: Services) -> frozenset[str]:
    """Name the routes that lately failed what was moved onto them, whatever becomes of their own payments."""
    return frozenset(
        name
        for one in services.incidents.interventions_of(feed)
        for name in (*_dropped(one, since), *_left_last(one, since))
    )


def was_moved_onto(culprit: Segment, feed: str, since: datetime, services: Services) -> bool:
    """Say whether a culprit lies within what an action moves onto a target, or did until lately.

    Then the target's own test judges it: its own payments may be well, and what fails be the moved ones.
    """
    return any(
        Segment({**_demand(one), attribute: name}).contains(culprit)
        for one in services.incidents.interventions_of(feed)
        for attribute in one.action.scope.names()
        if role_of(attribute) == "route"
        for name in (*_taking(one), *_dropped(one, since), *_left_last(one, since))
    )


def _demand(intervention: Intervention) -> Mapping[str, str]:
    scope = intervention.action.scope
    return scope.without(*(name for name in scope.names() if role_of(name) == "route")).root


def _taking(intervention: Intervention) -> Sequence[str]:
    """Name the targets of a reroute in force."""
    action = intervention.action
    return tuple(action.to) if isinstance(action, Reroute) and intervention.ended_at is None else ()


def _dropped(intervention: Intervention, since: datetime) -> Sequence[str]:
    return intervention.dropped if intervention.stepped_at and intervention.stepped_at > since else ()


def _left_last(intervention: Intervention, since: datetime) -> Sequence[str]:
    """Name the targets of a reroute that ended because none of them was sound."""
    ended, action = intervention.ended_at, intervention.action
    if ended is None or ended <= since or intervention.ended_because != NO_TARGET:
        return ()
    return tuple(action.to) if isinstance(action, Reroute) else ()


def _with_success(
    routes: Sequence[Route], scope: Segment, incident_id: str, now: datetime, apart: Apart
) -> tuple[Route, ...]:
    """Add how the scope's payments should fare on each route, where the monitor can say."""
    attribute = _route_attribute(scope)
    usual = apart.senses.monitor.usual_success(scope, attribute) if attribute else {}
    known = [route for route in routes if route.name in usual]
    if attribute is None or not known:
        return tuple(routes)
    live = apart.services.incidents.live(apart.senses.source.feed)
    faults = elsewhere(scope, attribute, [one for one in live if one.id != incident_id])
    paths = [Segment({attribute: route.name}) for route in known]
    own = apart.outside(faults, paths, now - timedelta(seconds=LOAD_OVER_S))
    success = {
        route.name: max(0.0, usual[route.name] - _loses(tally))
        for route, tally in zip(known, own, strict=True)
    }
    return tuple(
        route.model_copy(update={"scope_success": success[route.name]}) if route.name in success else route
        for route in routes
    )


def elsewhere(scope: Segment, attribute: str, others: Iterable[Incident]) -> tuple[Segment, ...]:
    """Name the faults of other incidents that say nothing of how a scope's payments would fare on a route.

    They lie on no route, and so are met on all of them, or strike payments of which the scope has none.
    """
    demand = scope.without(attribute)
    culprits = (one.culprit for one in others if len(one.culprit))
    return disjoint(
        culprit for culprit in culprits if culprit.role("route") is None or not overlap(demand, culprit)
    )


def _loses(own: Tally) -> float:
    """Give the share of a route's own payments that it loses now beyond the usual and beyond chance."""
    expected = own.expected_failures + own.expected_pending
    beyond = own.failures + own.pending - expected - _BY_CHANCE_SD * sqrt(expected + 1.0)
    return max(0.0, beyond) / max(own.attempts, 1)
