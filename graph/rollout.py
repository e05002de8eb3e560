"""Carries out how an action goes on: the next step, without a target, or once more before it expires."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agents.planner.rollout import Drop, Hold, Step, Undo, decide
from graph.auditing import note
from graph.facts import facts_in_force
from graph.measuring import extent
from graph.runs import Runs
from graph.services import Services
from payments.action import Action, AdjustRetryPolicy, Reroute
from payments.alert import AlertMessage
from payments.audit import AuditEvent
from payments.errors import ActuatorError, OutcomeUnknownError, RefusedError
from payments.incident import Incident
from payments.intervention import Intervention, Stretch, TargetEvidence
from payments.outcome import Receipt

AGAIN_AFTER = timedelta(seconds=60)
"""How long to wait before something is tried again that the receiver refused."""


@dataclass(frozen=True)
class Change:
    """What takes the place of the action in force, and what is kept of it."""

    action: Action
    event: AuditEvent
    words: str
    kept: dict[str, object]
    """Fields of the intervention that change beside it."""


@dataclass
class Rollout:
    """Lets actions in force go on as their evidence says; every write waits for the kill switch to be off."""

    runs: Runs
    refused_until: dict[str, datetime] = field(default_factory=dict)
    """By the key of the action in force."""

    @property
    def services(self) -> Services:
        """What the runs use."""
        return self.runs.services

    def advance(
        self,
        incident: Incident,
        intervention: Intervention,
        now: datetime,
        *,
        helps: bool,
        on_trust: bool = False,
    ) -> str | Undo | None:
        """Do what is due after an increment; gives what people should hear, or that all must be undone.

        Args:
            incident: what the action is for.
            intervention: the action in force.
            now: end of the increment, by the feed's clock.
            helps: it is measured to help.
            on_trust: it cannot be measured yet, and to go on costs next to nothing.
        """
        settings = self.services.rollout
        match decide(intervention, intervention.evidence, now, settings, helps=helps):
            case Undo() as undo:
                return undo
            case Step(action=action, number=number, because=because):
                if self._held_back(incident, intervention, now):
                    return None
                words = f"step {number} of {len(settings.rollout_steps)}, because {because}"
                return self._change(
                    incident, intervention, _stage(intervention, action, words, now, number), now
                )
            case Drop(action=action, targets=targets, because=because):
                stage = _stage(intervention, action, because, now, intervention.step, targets)
                return self._change(incident, intervention, stage, now)
            case Hold():
                return self._renew(incident, intervention, now, helps=helps or on_trust)

    def _renew(
        self, incident: Incident, intervention: Intervention, now: datetime, *, helps: bool
    ) -> str | None:
        """Let an action that helps go on before it expires, if it leaves payments to see the recovery by."""
        settings = self.services.rollout
        life_s = _life_s(intervention)
        left_s = (intervention.expires_at - now).total_seconds()
        due = left_s <= min(settings.renew_before_s, life_s / 3.0)
        if not due or not helps or not leaves_a_probe(intervention.action):
            return None
        if intervention.renewals >= settings.max_renewals:
            self._ask_people(incident, intervention)
            return None
        if self._held_back(incident, intervention, now):
            return None
        number = intervention.renewals + 1
        of_most = f"({number} of at most {settings.max_renewals})"
        words = f"it helps, as far as can be seen, and its fault goes on: renewed {of_most}"
        change = Change(intervention.action, "renewed", words, {"renewals": number})
        return self._change(incident, intervention, change, now)

    def _held_back(self, incident: Incident, intervention: Intervention, now: datetime) -> bool:
        """Say whether a rule forbids to go on that came after the ruling, as a freeze; people hear why."""
        facts = facts_in_force(incident, now, self.services)
        check = self.services.risk_officer.holds_back(facts) if facts else None
        if check is not None:
            text = f"It goes no further, and ends at its expiry: {check.sentence}"
            tell_people(incident, f"{intervention.key}:{check.name}", text, self.services)
        return check is not None

    def _ask_people(self, incident: Incident, intervention: Intervention) -> None:
        text = (
            f"It helps, but was renewed {intervention.renewals} times, which is the limit: it ends at "
            f"{intervention.expires_at:%H:%M:%S} unless somebody finds a lasting remedy."
        )
        tell_people(incident, f"{intervention.key}:limit", text, self.services)

    def _change(
        self, incident: Incident, intervention: Intervention, change: Change, now: datetime
    ) -> str | None:
        """Put one action in the place of another; the one in force stays when that fails."""
        if self.services.stopped() or now < self.refused_until.get(intervention.key, now):
            return None
        try:
            with self.runs.holding(incident.id):
                return self._replace(incident, intervention, change)
        except RefusedError:
            return None  # another process is at work on the incident: the next increment will do
        except ActuatorError as error:
            self.refused_until[intervention.key] = now + AGAIN_AFTER
            unsure = isinstance(error, OutcomeUnknownError)
            words = "it is not known which step is in force" if unsure else "what is in force stays"
            return f"{words}, for it could not be changed: {error}"

    def _replace(self, incident: Incident, intervention: Intervention, change: Change) -> str:
        services, old = self.services, intervention.key
        key = services.outbox.next_key(incident.id)
        receipt = services.outbox.execute(
            key, incident.id, change.action, _life_s(intervention), replaces=old
        )
        note(
            services,
            incident,
            change.event,
            part=key,
            actor="crew",
            inputs={"because": change.words, "evidence": _plain(intervention)},
            before={"key": old, "action": intervention.action.model_dump(mode="json")},
            after={"key": key, "action": change.action.model_dump(mode="json")},
            revert_handle=key,
        )
        services.incidents.keep_intervention(intervention)
        services.incidents.start_intervention(successor(intervention, change, receipt))
        services.incidents.end_intervention(old, receipt.effective_at, f"{key} took its place")
        return change.words


def found_in_place(before: Intervention, action: Action, now: datetime) -> Change:
    """Tell from the action alone which change took place, when the answer to it was lost."""
    words = "it was found in place"
    if not isinstance(action, Reroute) or not isinstance(before.action, Reroute) or action == before.action:
        return Change(action, "renewed", words, {"renewals": before.renewals + 1})
    left = tuple(sorted(before.action.to.keys() - action.to.keys()))
    return _stage(before, action, words, now, before.step if left else before.step + 1, left)


def successor(intervention: Intervention, change: Change, receipt: Receipt) -> Intervention:
    """Give the intervention that goes on in place of another."""
    return intervention.model_copy(
        update={
            **change.kept,
            "key": receipt.key,
            "action": change.action,
            "begun_at": intervention.begun_at or intervention.started_at,
            "started_at": receipt.effective_at,
            "expires_at": receipt.expires_at,
            "lapses_at": None,
        }
    )


def _stage(  # noqa: PLR0917 - the parts of one change
    intervention: Intervention,
    action: Reroute,
    words: str,
    now: datetime,
    number: int,
    left: tuple[str, ...] = (),
) -> Change:
    """Begin a stage of the rollout: its targets prove themselves anew, and it is measured by itself."""
    known = intervention.evidence
    evidence = {name: TargetEvidence(worse=known[name].worse) for name in action.to if name in known}
    next_one = intervention.model_copy(update={"action": action})
    kept = {
        "step": number,
        "stepped_at": now,
        "dropped": (*intervention.dropped, *left),
        "evidence": evidence,
        "seen": (*intervention.seen, Stretch(extent=extent(next_one))),
    }
    return Change(action, "stepped", words, kept)


def leaves_a_probe(action: Action) -> bool:
    """Say whether some payments stay as they were, so that the end of the fault can be seen."""
    match action:
        case Reroute(share=share):
            return share < 1.0
        case AdjustRetryPolicy():
            return True
        case _:
            return False


def tell_people(incident: Incident, matter: str, text: str, services: Services) -> None:
    """Alert people about an action in force, once for each matter."""
    services.alerts.send(
        AlertMessage(
            dedup_key=f"{incident.id}:{matter}",
            incident_id=incident.id,
            at=services.clock(),
            severity="warning",
            title=f"Incident {incident.id[:8]}: {incident.culprit} goes on",
            text=text,
        )
    )


def _life_s(intervention: Intervention) -> float:
    return (intervention.expires_at - intervention.started_at).total_seconds()


def _plain(intervention: Intervention) -> dict[str, object]:
    return {name: found.model_dump(mode="json") for name, found in intervention.evidence.items()}
