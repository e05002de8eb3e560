"""What is seen of an action in force, increment by increment, and what that says about it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.monitor.effect import measure, moved_in, takes_hold_after_s
from agents.monitor.target_test import weigh
from agents.planner.expectation import Met, met
from graph.apart import Apart
from graph.services import Senses, Services
from payments.action import Action, Reroute, Suppress
from payments.incident import Incident
from payments.intervention import Intervention, Stretch, TargetEvidence
from payments.outcome import Effect, Outcome
from payments.route import Route
from payments.segment import Segment, role_of
from payments.tally import Tally

_WOULD = {
    Effect.HELPED: "it would have helped",
    Effect.HARMED: "it would have harmed",
    Effect.NO_EFFECT: "it would have had no effect",
    Effect.NOT_MEASURED: "what it would have brought cannot be told",
}
_MET = {
    Met.TOO_EARLY: "",
    Met.AS_EXPECTED: " The plan expected as much.",
    Met.BETTER: " That is more than the plan expected.",
    Met.WORSE: " That is less than the plan expected.",
}
LATELY_TICKS = 3
"""Increments whose attempts tell whether a route is overloaded just now: fewer vary too much by chance."""
SURE_SD = 2.0
"""Standard deviations (of a Poisson count) by which payments must lose less on the targets than before."""
STAYING_COSTS, STAYING_COSTS_LEAST = 0.1, 0.01
"""Success that the payments moved may have less than is usual on their own route, its end unseen: as a
share of what they lost there, and at least."""
UNSEEN = 0.9
"""Share of its time in force below which what was seen of an action is said to be a part."""


@dataclass(frozen=True)
class Watching:
    """Looks at what an action does, on the feed at hand."""

    services: Services
    senses: Senses

    @property
    def apart(self) -> Apart:
        """What counts without the payments of other faults."""
        return Apart(self.services, self.senses)

    def look(self, incident: Incident, intervention: Intervention, now: datetime) -> Intervention:
        """Take in the last increment, if the action was in force and had taken hold all through it."""
        since = now - timedelta(seconds=self.senses.source.tick_s)
        action = intervention.action
        if max(intervention.started_at, _holds_from(intervention)) > since:
            return intervention
        routes = self.senses.catalog.routes(action.scope)
        takers = target_segments(action, incident, [route.name for route in routes])
        segments = (source_segment(action, incident), *takers.values())
        source, *others = self.apart.tallies(segments, incident, since)
        targets = dict(zip(takers, others, strict=True))
        full = self._overloaded(incident, action, [one for one in routes if one.name in targets], now)
        known = {} if self.apart.has_begun(incident, since) else intervention.evidence
        return intervention.model_copy(
            update={
                "seen": self._seen(incident, intervention, source, at_once(targets.values())),
                "evidence": _evidence(known, action, targets, full),
            }
        )

    def _seen(
        self, incident: Incident, intervention: Intervention, source: Tally, target: Tally
    ) -> tuple[Stretch, ...]:
        """Add an increment to the stretch of the action that is in force."""
        tick_s = self.senses.source.tick_s
        moved = moved_in(
            intervention.action,
            before(incident, intervention.action),
            source,
            target,
            tick_s,
            carried_out=self.services.actuator.changes_traffic,
        )
        *earlier, last = intervention.seen or (Stretch(extent=extent(intervention)),)
        return (*earlier, last + Stretch(source=source, target=target, moved=moved, seconds=tick_s))

    def _overloaded(
        self, incident: Incident, action: Action, routes: Sequence[Route], now: datetime
    ) -> frozenset[str]:
        """Name the routes with more work than they can do, over the last minute or just now."""
        attribute, limit = _route_attribute(action, incident), self.services.rollout.overloaded_above
        if attribute is None:
            return frozenset()
        lately_s = LATELY_TICKS * self.senses.source.tick_s
        paths = [Segment({attribute: route.name}) for route in routes]
        lately = self.senses.monitor.attempts(paths, now - timedelta(seconds=lately_s))
        return frozenset(
            route.name
            for route, attempts in zip(routes, lately, strict=True)
            if route.capacity_per_s is not None
            if max(route.load_per_s, attempts / lately_s) > limit * route.capacity_per_s
        )


def _evidence(
    known: Mapping[str, TargetEvidence],
    action: Action,
    targets: Mapping[str, Tally],
    full: frozenset[str],
) -> dict[str, TargetEvidence]:
    if not isinstance(action, Reroute):
        return {}
    return {
        name: weigh(known.get(name, TargetEvidence()), tally, overloaded=name in full)
        for name, tally in targets.items()
    }


def at_once(tallies: Iterable[Tally]) -> Tally:
    """Add up tallies of different payments over the same increments, which count once."""
    counted = list(tallies)
    ticks = max((tally.ticks for tally in counted), default=0)
    return sum(counted, start=Tally()).model_copy(update={"ticks": ticks})


def extent(intervention: Intervention) -> float:
    """Give the share of the goal that is in force."""
    goal, action = intervention.goal, intervention.action
    if isinstance(goal, Reroute) and isinstance(action, Reroute):
        return min(1.0, action.share / goal.share)
    return 1.0


def before(incident: Incident, action: Action) -> Tally:
    """Give the affected payments during the fault; nothing when the action is about others than these."""
    diagnosis = incident.diagnosis
    return diagnosis.tally if diagnosis and action.scope == diagnosis.culprit else Tally()


def measured(incident: Incident, intervention: Intervention) -> Outcome | None:
    """Measure the action from all that was seen of it; None while there is too little to tell."""
    action = intervention.action
    return measure(action, before=before(incident, action), seen=intervention.seen)


def may_stay(incident: Incident, intervention: Intervention) -> bool:
    """Say whether an action whose effect cannot be told yet may go on.

    A faint fault shows too little on the payments left alone. Then those before are compared with: what the
    targets lose beyond the usual, all of it laid to the payments moved, must be less than what these lost
    then. When the fault is over cannot be told either, so the plan must promise what is usual on their own
    route, or little less: to stay then costs next to nothing.
    """
    action, plan = intervention.action, incident.plan
    was = before(incident, action)
    target, moved = sum((one.target for one in intervention.seen), start=Tally()), _planned(intervention, was)
    if plan is None or plan.expects is None or moved < was.attempts or not was.attempts:
        return False
    lost = _beyond(was) / was.attempts - max(0.0, _beyond(target)) / moved
    doubt = math.sqrt(_bad(target)) / moved
    usual = 1.0 - (was.expected_failures + was.expected_pending) / was.attempts
    costs = usual - plan.expects.success_rate.mean
    return lost > SURE_SD * doubt and costs <= max(STAYING_COSTS_LEAST, STAYING_COSTS * lost)


def _planned(intervention: Intervention, was: Tally) -> float:
    """Give the attempts that were to move so far: of few payments too few stay to tell how many moved."""
    goal, per_tick = intervention.goal, was.attempts / max(was.ticks, 1)
    share = goal.share if isinstance(goal, Reroute) else 0.0
    return sum(one.extent * share * per_tick * one.target.ticks for one in intervention.seen)


def _bad(tally: Tally) -> int:
    return tally.failures + tally.pending


def _beyond(tally: Tally) -> float:
    return _bad(tally) - tally.expected_failures - tally.expected_pending


def told(
    incident: Incident, intervention: Intervention, outcome: Outcome, now: datetime, *, carried_out: bool
) -> Outcome:
    """Add what else must be known: that nothing was changed, what was expected, how much nobody saw."""
    if not carried_out:
        words = outcome.sentence.partition(": ")[2]
        sentence = f"Nothing was changed; from the traffic as it was, {_WOULD[outcome.effect]}: {words}"
        return outcome.model_copy(update={"effect": Effect.NOT_MEASURED, "sentence": sentence})
    seen_s = sum(stretch.seconds for stretch in intervention.seen)
    in_force_s = (now - _holds_from(intervention)).total_seconds()
    words = outcome.sentence + _against_the_plan(incident, intervention, outcome, seen_s)
    if seen_s < UNSEEN * in_force_s:
        words += f" Only {seen_s:.0f} of {in_force_s:.0f} s in force were seen; the figures are of these."
    return outcome.model_copy(update={"sentence": words})


def _holds_from(intervention: Intervention) -> datetime:
    """Give from when what is seen is the action's doing; a renewal goes on with what holds."""
    begun_at = intervention.begun_at or intervention.started_at
    return begun_at + timedelta(seconds=takes_hold_after_s(intervention.action))


def _against_the_plan(incident: Incident, intervention: Intervention, outcome: Outcome, seen_s: float) -> str:
    expects = incident.plan.expects if incident.plan else None
    if expects is None or seen_s <= 0.0:
        return ""
    mean = sum(stretch.extent * stretch.seconds for stretch in intervention.seen) / seen_s
    return _MET[met(expects, outcome, in_force_s=seen_s, extent=mean)]


def source_segment(action: Action, incident: Incident) -> Segment:
    """Give the payments that stay on the old path."""
    route = _route_attribute(action, incident)
    if isinstance(action, Reroute) and route is not None:
        return Segment({**action.scope.root, route: action.from_route})
    return action.scope


def target_segments(action: Action, incident: Incident, routes: Sequence[str]) -> dict[str, Segment]:
    """Give the segments on the other routes that take what the action moves, by route."""
    route = _route_attribute(action, incident)
    if route is None:
        return {}
    demand = action.scope.without(route).root
    match action:
        case Reroute(to=targets):
            takers = list(targets)
        case Suppress():
            takers = [name for name in routes if name != action.scope.get(route)]
        case _:
            takers = []
    return {taker: Segment({**demand, route: taker}) for taker in takers}


def _route_attribute(action: Action, incident: Incident) -> str | None:
    """Name the attribute that holds the route, as the scope or else the culprit calls it."""
    names = [*action.scope.names(), *incident.culprit.names()]
    return next((name for name in names if role_of(name) == "route"), None)
