"""Actions that nobody is sure of: sent without an answer, undone half-way, or in force and under no watch."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from graph.auditing import note
from graph.rollout import found_in_place, successor
from graph.runs import Runs
from graph.services import Services
from payments.alert import AlertMessage
from payments.errors import ActuatorError
from payments.incident import Incident, Status
from payments.intent import Found, Reconciled
from payments.intervention import Intervention
from payments.outcome import Effect, Outcome, Receipt

CLOSED_BEFORE = "the incident was closed before it was known that its action was carried out"


@dataclass
class Doubts:
    """Asks the receivers, and puts what they hold under watch or an end to it."""

    told: set[tuple[str, Found]] = field(default_factory=set)

    def keys(self, services: Services) -> tuple[tuple[str, str], ...]:
        """Give key and incident of every action in doubt, of whatever feed."""
        outbox = services.outbox
        watched = {one.key for one in services.incidents.active_interventions()}
        unsettled = [(one.key, one.incident_id) for one in outbox.unsettled()]
        unwatched = [(one.key, one.incident_id) for one in outbox.in_force() if one.key not in watched]
        return (*unsettled, *unwatched)

    def settle(self, key: str, incident_id: str, runs: Runs) -> str:
        """Find out about one action and see to it; gives what people should hear.

        Raises:
            RefusedError: another process is at work on the incident.
        """
        with runs.holding(incident_id):
            services = runs.services
            if key not in {found for found, _ in self.keys(services)}:
                return ""  # its run has settled it by now
            found = services.outbox.reconcile(key)
            incident = services.incidents.get(incident_id)
            _record(found, incident, services)
            said = " ".join(_see_to(found, incident, services))
            if (key, found.found) in self.told:
                return ""
            self.told.add((key, found.found))
            services.alerts.send(_message(found, incident, said, services))
            return said


def _see_to(found: Reconciled, incident: Incident, services: Services) -> Iterator[str]:
    yield found.sentence
    match found.found:
        case Found.APPLIED:
            yield _applied(found, incident, services)
        case Found.UNDONE:
            yield "It is undone."
        case Found.NOT_APPLIED:
            _keep_that_nothing_was_done(found, incident, services)
            yield "Traffic is as it was before."
        case Found.UNKNOWN:
            yield "It will be asked again; until then it may be in force, at the longest until its expiry."


def _applied(found: Reconciled, incident: Incident, services: Services) -> str:
    if found.receipt is None:
        return ""
    if incident.status is Status.CLOSED:
        return _undo(found, services)
    watch(found, found.receipt, incident, services)
    return f"It is in force until {found.receipt.expires_at:%H:%M:%S} and under watch."


def _keep_that_nothing_was_done(found: Reconciled, incident: Incident, services: Services) -> None:
    """Put an end to "it is not known" where the run has said so."""
    if incident.status is Status.WATCHED and not incident.executed:
        sentence = f"The action was not carried out: {found.sentence}"
        outcome = Outcome(effect=Effect.NOT_MEASURED, payments_saved=None, sentence=sentence)
        services.incidents.save(incident.model_copy(update={"outcome": outcome}))


def _undo(found: Reconciled, services: Services) -> str:
    try:
        services.outbox.revert(found.key, CLOSED_BEFORE)
    except ActuatorError as error:
        return f"It cannot be undone yet, will be tried again: {error}"
    return f"It is undone: {CLOSED_BEFORE}."


def watch(found: Reconciled, receipt: Receipt, incident: Incident, services: Services) -> None:
    """Put an action that is in force under watch, in place of the one whose place it took."""
    now = services.clock()
    active = services.incidents.active_interventions(incident.feed)
    before = [one for one in active if one.key == found.replaces]
    if before:
        change = found_in_place(before[0], found.action, receipt.effective_at)
        new = successor(before[0], change, receipt)
    else:
        new = _first(found, receipt, incident)
    services.incidents.start_intervention(new)
    for old in before:
        services.incidents.end_intervention(old.key, now, f"{found.key} took its place")
    acting = {"status": Status.ACTING, "executed": True, "outcome": None, "updated_at": now}
    services.incidents.save(incident.model_copy(update=acting))


def _first(found: Reconciled, receipt: Receipt, incident: Incident) -> Intervention:
    return Intervention(
        key=found.key,
        incident_id=incident.id,
        feed=incident.feed,
        action=found.action,
        goal=incident.plan.action if incident.plan else None,
        started_at=receipt.effective_at,
        expires_at=receipt.expires_at,
    )


def _record(found: Reconciled, incident: Incident, services: Services) -> None:
    """Put on record what the receiver says of an action that nobody was sure of."""
    is_held = found.found is Found.APPLIED
    held = {"key": found.key, "action": found.action.model_dump(mode="json")}
    note(
        services,
        incident,
        "reconciled",
        part=f"{found.key}:{found.found.value}",
        inputs={"because": found.sentence},
        before={"key": found.replaces} if found.replaces else None,
        after=held if is_held else None,
        revert_handle=found.key if is_held else None,
    )


def _message(found: Reconciled, incident: Incident, said: str, services: Services) -> AlertMessage:
    return AlertMessage(
        dedup_key=f"{incident.id}:{found.found.value}:{found.key}",
        incident_id=incident.id,
        at=services.clock(),
        severity="critical" if found.found is Found.UNKNOWN else "warning",
        title=f"Action {found.key} after a crash or a lost answer",
        text=said,
    )
