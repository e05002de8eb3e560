"""What the crew is given, wrapped so that those who run it hear of it; each wrapper passes everything on."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from pydantic import JsonValue

from payments.action import Action
from payments.alert import AlertMessage
from payments.audit import AuditEvent, AuditRecord
from payments.diagnosis import Diagnosis
from payments.errors import ActuatorError, OutcomeUnknownError
from payments.lesson import Lesson
from payments.outcome import Receipt
from payments.plan import Plan
from payments.verdict import Verdict
from tools.alerts.bulletin import Bulletin, NotDeliveredError, Receiver
from tools.ports import Actuator, AlertSink, Event, Telemetry

if TYPE_CHECKING:
    from agents.language_model.opinion import Opinion
    from graph.services import Audit

Path = tuple[str, ...]

KINDS: Final[Mapping[AuditEvent, Mapping[str, Path]]] = {
    "proposed": {
        "action": ("inputs", "plan", "action", "kind"),
        "category": ("inputs", "diagnosis", "category"),
    },
    "ruled": {"ruling": ("inputs", "verdict", "ruling"), "mode": ("mode",)},
    "decided": {"answer": ("inputs", "type")},
    "acted": {"did": ("event",), "action": ("after", "action", "kind")},
    "stepped": {"did": ("event",), "action": ("after", "action", "kind")},
    "renewed": {"did": ("event",), "action": ("after", "action", "kind")},
    "reverted": {"did": ("event",), "action": ("before", "action", "kind")},
    "outcome": {"effect": ("inputs", "effect")},
}
"""Where a record holds what it is counted by: words of our own enumerations, all of them."""

WORDS: Final[Sequence[Path]] = (
    ("inputs", "because"),
    ("inputs", "diagnosis", "sentence"),
    ("inputs", "verdict", "sentence"),
    ("inputs", "sentence"),
    ("inputs", "note"),
)
"""Where a record may say in words what it is about; the first one that does."""


@dataclass(frozen=True)
class HeardAudit:
    """What goes on record is told."""

    audit: "Audit"
    telemetry: Telemetry

    def append(self, record: AuditRecord) -> None:
        """Keep a record; what could not be kept is not told."""
        self.audit.append(record)
        self.telemetry.happened(event_of(record))


@dataclass(frozen=True)
class HeardActuator:
    """What an actuator does not do is told, and how long it takes to answer."""

    actuator: Actuator
    telemetry: Telemetry

    @property
    def name(self) -> str:
        """Name in receipts and records."""
        return self.actuator.name

    @property
    def changes_traffic(self) -> bool:
        """False for an actuator that only records."""
        return self.actuator.changes_traffic

    def apply(self, action: Action, key: str, expires_after_s: float, replaces: str | None = None) -> Receipt:
        """Carry out an action once per key."""
        with self._heard("apply", key):
            return self.actuator.apply(action, key, expires_after_s, replaces)

    def revert(self, key: str) -> Receipt:
        """Undo the action held under the key."""
        with self._heard("revert", key):
            return self.actuator.revert(key)

    def look_up(self, key: str) -> Receipt | None:
        """Give the receipt held under a key."""
        with self._heard("look_up", key):
            return self.actuator.look_up(key)

    @contextmanager
    def _heard(self, verb: str, key: str) -> Iterator[None]:
        incident_id = key.partition(":")[0]
        try:
            with self.telemetry.span(f"actuator {verb}", incident_id):
                yield
        except ActuatorError as error:
            result = "unknown" if isinstance(error, OutcomeUnknownError) else "refused"
            kinds = {"verb": verb, "result": result}
            self.telemetry.happened(Event("actuator_failed", incident_id, kinds, {"because": str(error)}))
            raise


@dataclass(frozen=True)
class HeardReceiver:
    """Which alerts reach a receiver, and which do not, is told."""

    receiver: Receiver
    telemetry: Telemetry

    @property
    def name(self) -> str:
        """Name in the queue and in what people read."""
        return self.receiver.name

    @property
    def renew_s(self) -> float | None:
        """How often it wants to hear that a thread goes on."""
        return self.receiver.renew_s

    def deliver(self, bulletin: Bulletin) -> None:
        """Tell it."""
        incident_id, kinds = bulletin.alert.incident_id, {"receiver": self.name}
        try:
            self.receiver.deliver(bulletin)
        except NotDeliveredError as error:
            kinds["result"] = "refused" if error.is_final else "failed"
            self.telemetry.happened(Event("not_delivered", incident_id, kinds, {"because": str(error)}))
            raise
        self.telemetry.happened(Event("delivered", incident_id, {**kinds, "result": "told"}))


@dataclass(frozen=True)
class HeardAlerts:
    """What people are told is told to those who run the crew too."""

    alerts: AlertSink
    telemetry: Telemetry

    def send(self, alert: AlertMessage) -> None:
        """Tell people."""
        said = {"title": alert.title, "text": alert.text}
        self.telemetry.happened(Event("alerted", alert.incident_id, {"severity": alert.severity}, said))
        self.alerts.send(alert)


class Advising(Protocol):
    """Gives an opinion, which says why when it is none."""

    def advise(
        self, incident_id: str, diagnosis: Diagnosis, plan: Plan, verdict: Verdict, lessons: Sequence[Lesson]
    ) -> "Opinion":
        """Give the opinion."""


@dataclass(frozen=True)
class HeardAdviser:
    """Whether a language model gave its opinion, or why not, is told."""

    adviser: Advising
    telemetry: Telemetry

    def advise(
        self, incident_id: str, diagnosis: Diagnosis, plan: Plan, verdict: Verdict, lessons: Sequence[Lesson]
    ) -> "Opinion":
        """Give the opinion, or the reason why there is none."""
        opinion = self.adviser.advise(incident_id, diagnosis, plan, verdict, lessons)
        result = opinion.fallback.value if opinion.fallback else "given"
        self.telemetry.happened(
            Event("opinion", incident_id, {"result": result}, {"because": opinion.because})
        )
        return opinion


def event_of(record: AuditRecord) -> Event:
    """Give what those who run the crew hear of a record."""
    whole = record.model_dump(mode="json", include={"event", "mode", "inputs", "before", "after"})
    kinds = {label: _text(whole, path) for label, path in KINDS.get(record.event, {}).items()}
    words = next((text for path in WORDS if (text := _text(whole, path))), "")
    said = {"feed": record.feed, "actor": record.actor, "words": words, "record": record.id}
    return Event(record.event, record.incident_id, kinds, said)


def _text(value: JsonValue, path: Path) -> str:
    """Give the text at a place in a plain value; empty when there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
