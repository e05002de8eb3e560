"""From increments to an open incident: the monitor's node, tick by tick or for a person in Studio."""

from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from graph.facts import Surroundings
from graph.prospects import was_moved_onto
from graph.services import Senses, Services
from graph.state import CrewInput, CrewState, Said, fresh
from payments.errors import InputError, NotFoundError
from payments.evidence import Evidence
from payments.finding import Finding
from payments.incident import SCHEMA_VERSION, Incident, Status
from payments.observation import Observation
from payments.segment import Segment
from payments.window import Window
from tools.ports import Event

STUDIO_TICKS_AT_MOST = 240
"""Increments that a scenario in Studio may take to show itself: 20 minutes of 5 s."""

ECHO = timedelta(minutes=2)
"""How long the retries of failed payments still come in after a fault is over."""

JUST_LEFT = timedelta(seconds=30)
"""How long the failures of what was moved onto a target still count after it has left."""

SIDE_EFFECTS = frozenset({"volume_up", "volume_down", "repeats", "slow"})
"""What a live incident, or our own action on it, does to the rest of the traffic."""


def find(state: CrewState, services: Services) -> CrewState:
    """Observe what the input gives, and open an incident for a finding; a feed is watched by `graph.duty`.

    Raises:
        InputError: it gives neither a scenario nor a window.
    """
    if state.get("window"):
        pasted = services.compare(Window.parse(state["window"]))
        return _report(pasted, f"pasted:{services.new_id()}", services)
    if state.get("scenario"):
        return _simulate(state["scenario"], state.get("seed", 0), services)
    msg = "nothing to look at: give a scenario or a window"
    raise InputError(msg)


def opened_by(observation: Observation, feed: str, services: Services) -> Incident | None:
    """Open an incident for what the monitor found; None when that is nothing, or nothing new."""
    finding, evidence = observation.finding, observation.evidence
    if finding is None or evidence is None or not is_new(finding, evidence, feed, services):
        return None
    return open_incident(finding, evidence, feed, services)


def begin_with(incident: Incident) -> CrewInput:
    """Give what a run on a new incident starts from."""
    finding = incident.finding
    strongest = finding.signals[0]
    against = f"{strongest.observed:.0f} against {strongest.expected:.1f} expected"
    words = f"{strongest.kind} in {strongest.segment}: {against}"
    return fresh(
        incident_id=incident.id,
        finding=finding.model_dump(mode="json"),
        path=[Said(agent="monitor", at=finding.at.isoformat(), said=words)],
    )


def tick(senses: Senses, services: Services) -> Observation | None:
    """Read one increment and observe it outside the culprits of the live incidents; None at the end."""
    window = senses.source.read()
    if window is None:
        return None
    known = known_culprits(senses.source.feed, window.end, services)
    # Beside a known culprit side effects open nothing (is_new): nobody would look at them.
    return senses.monitor.observe(window, known, SIDE_EFFECTS if known else ())


def known_culprits(feed: str, now: datetime, services: Services) -> tuple[Segment, ...]:
    """Give the culprits to look away from: of live incidents, and of those whose retries still come in.

    A culprit of all payments is left out, for looking away from everything would be blind.
    """
    since = now - ECHO
    incidents = services.incidents.unsettled(feed, since)
    return tuple(incident.culprit for incident in incidents if len(incident.culprit))


def _simulate(scenario: str, seed: object, services: Services) -> CrewState:
    if services.simulate is None:
        msg = "this process cannot simulate scenarios"
        raise InputError(msg)
    if not isinstance(seed, int) or seed < 0:
        msg = f"seed {seed!r} is not a whole number from 0 on"
        raise InputError(msg)
    senses = services.simulate(scenario, seed)
    last = None
    for _ in range(STUDIO_TICKS_AT_MOST):
        observation = tick(senses, services)
        if observation is None:
            break
        last = observation
        if observation.finding is not None:
            break
    if last is None:
        msg = f"scenario {scenario!r} gave no increment"
        raise NotFoundError(msg)
    found = _report(last, senses.source.feed, services)
    found["surroundings"] = Surroundings.of(senses, last.summary.end).model_dump(mode="json")
    return found


def _report(observation: Observation, feed: str, services: Services) -> CrewState:
    found = CrewState(
        schema_version=SCHEMA_VERSION,
        summary=observation.summary.model_dump(mode="json"),
        observation=observation.model_dump(
            mode="json", include={"log_evidence", "threshold", "ticks_learned", "notes"}
        ),
        finding=None,
    )
    incident = opened_by(observation, feed, services)
    if incident is not None:
        given = begin_with(incident)
        found["finding"], found["incident_id"] = given["finding"], given["incident_id"]
        found["path"] = given["path"]
    return found


def is_new(finding: Finding, evidence: Evidence, feed: str, services: Services) -> bool:
    """Say whether a finding is another fault than the live ones, and more than their side effects."""
    recent = services.incidents.unsettled(feed, finding.at - ECHO)
    if not recent:
        return True
    if all(signal.kind in SIDE_EFFECTS for signal in finding.signals):
        return False
    culprit = services.analyst.describe(evidence).culprit
    if was_moved_onto(culprit, feed, finding.at - JUST_LEFT, services):
        return False
    live = [incident for incident in recent if incident.status is not Status.CLOSED]
    return not any(
        incident.culprit.contains(culprit) and _same_extent(incident, culprit) for incident in live
    )


def _same_extent(incident: Incident, culprit: Segment) -> bool:
    """A culprit of all payments hides no narrower one: a second fault within it is still news."""
    return len(incident.culprit) > 0 or len(culprit) == 0


def open_incident(finding: Finding, evidence: Evidence, feed: str, services: Services) -> Incident:
    """Open the incident of a finding; the same finding of the same feed gives the same id."""
    name = f"{feed}|{finding.signals[0].segment}|{finding.since.isoformat()}"
    incident = Incident(
        id=str(uuid5(NAMESPACE_URL, name)),
        feed=feed,
        status=Status.OPEN,
        opened_at=finding.at,
        updated_at=finding.at,
        finding=finding,
    )
    services.incidents.open(incident, evidence)
    found = {"feed": feed, "found": str(finding.signals[0].segment)}
    services.telemetry.happened(Event("opened", incident.id, said=found))
    return incident


def hold_evidence(incident: Incident, services: Services) -> Evidence:
    """Give the evidence that opened an incident.

    Raises:
        NotFoundError: the store has none, so nothing can be diagnosed.
    """
    evidence = services.incidents.evidence(incident.id)
    if evidence is None:
        msg = f"incident {incident.id} has no evidence in the store: it cannot be diagnosed"
        raise NotFoundError(msg)
    return evidence
