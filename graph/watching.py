"""From increments to an open incident: the monitor's node, tick by tick or for a person in Studio."""

from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from graph.facts import Surroundings
from graph.services import Senses, Services
from graph.state import CrewState, Said
from payments.errors import InputError, NotFoundError
from payments.incident import SCHEMA_VERSION, Evidence, Finding, Incident, Observation, Status
from payments.segment import Segment
from payments.window import Window

STUDIO_TICKS_AT_MOST = 240
"""Increments that a scenario in Studio may take to show itself: 20 minutes of 5 s."""

ECHO = timedelta(minutes=2)
"""How long the retries of failed payments still come in after a fault is over."""

SIDE_EFFECTS = frozenset({"volume_up", "volume_down", "repeats", "slow"})
"""What a live incident, or our own action on it, does to the rest of the traffic."""


def find(state: CrewState, services: Services) -> CrewState:
    """Observe until there is something to report, as the input asks; open an incident for a finding."""
    if state.get("window"):
        pasted = services.compare(Window.parse(state["window"]))
        return _report(pasted, f"pasted:{services.new_id()}", services)
    if state.get("scenario"):
        return _simulate(state["scenario"], state.get("seed", 0), services)
    if services.senses is None:
        msg = "this process has no source to watch: give a scenario or a window"
        raise InputError(msg)
    observation = tick(services.senses, services)
    if observation is None:
        return CrewState(schema_version=SCHEMA_VERSION, ended=True)
    return _report(observation, services.senses.source.feed, services)


def tick(senses: Senses, services: Services) -> Observation | None:
    """Read one increment and observe it outside the culprits of the live incidents; None at the end."""
    window = senses.source.read()
    if window is None:
        return None
    return senses.monitor.observe(window, known_culprits(senses.source.feed, window.end, services))


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
    finding, evidence = observation.finding, observation.evidence
    if finding is None or evidence is None or not is_new(finding, evidence, feed, services):
        return found
    incident = open_incident(finding, evidence, feed, services)
    strongest = finding.signals[0]
    against = f"{strongest.observed:.0f} against {strongest.expected:.1f} expected"
    words = f"{strongest.kind} in {strongest.segment}: {against}"
    found["finding"] = finding.model_dump(mode="json")
    found["incident_id"] = incident.id
    found["path"] = [Said(agent="monitor", at=finding.at.isoformat(), said=words)]
    return found


def is_new(finding: Finding, evidence: Evidence, feed: str, services: Services) -> bool:
    """Say whether a finding is another fault than the live ones, and more than their side effects."""
    live = services.incidents.live(feed)
    if not live:
        return True
    if all(signal.kind in SIDE_EFFECTS for signal in finding.signals):
        return False
    culprit = services.analyst.describe(evidence).culprit
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
