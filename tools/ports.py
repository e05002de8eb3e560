"""What the crew needs from the world, named for the need and not for a vendor."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from payments.action import Action
from payments.alert import AlertMessage
from payments.audit import AuditEvent
from payments.maintenance import Maintenance
from payments.outcome import Receipt
from payments.route import Route
from payments.segment import Segment
from payments.window import Window


class Source(Protocol):
    """Where increments come from. READ."""

    @property
    def feed(self) -> str:
        """Identity of the stream; incidents of one feed are never mixed with another's."""

    @property
    def tick_s(self) -> float:
        """Length of an increment in seconds."""

    def history(self) -> Iterable[Window]:
        """Give past increments to learn the baseline from, oldest first; may be empty."""

    def read(self) -> Window | None:
        """Give the next increment, or None at the end of the stream."""


class Actuator(Protocol):
    """What carries out an action on traffic. WRITE: only the outbox calls it."""

    @property
    def name(self) -> str:
        """Name in receipts and records."""

    @property
    def changes_traffic(self) -> bool:
        """False for an actuator that only records."""

    def apply(self, action: Action, key: str, expires_after_s: float, replaces: str | None = None) -> Receipt:
        """Carry out an action once per key; the same key again returns the first receipt.

        With `replaces` the action in force under that key ends in the same instant, so that never both are
        in force; undoing the new one does not bring the old one back.

        Raises:
            ActuatorError: nothing was changed; also when what is to be replaced is not in force.
            OutcomeUnknownError: it may have been changed; look it up before trying again.
        """

    def revert(self, key: str) -> Receipt:
        """Undo the action held under the key; undoing twice is the same as once.

        Raises:
            ActuatorError: the key is unknown, or the receiver failed.
        """

    def look_up(self, key: str) -> Receipt | None:
        """Give the receipt held under a key, or None when nothing was ever applied under it."""


class RouteCatalog(Protocol):
    """What is known about the routes. READ."""

    def routes(self, scope: Segment) -> tuple[Route, ...]:
        """Give every route that can carry the scope's payments, with load and capacity."""


class Calendar(Protocol):
    """Planned downtimes. READ."""

    def planned(self, at: datetime) -> tuple[Maintenance, ...]:
        """Give the downtimes in force at an instant."""


class AlertSink(Protocol):
    """Where people are told. WRITE, but never to traffic."""

    def send(self, alert: AlertMessage) -> None:
        """Tell people once per `dedup_key`."""


@dataclass(frozen=True)
class Ask:
    """What a language model is asked."""

    system: str
    user: str
    schema: Mapping[str, Any]
    """JSON schema of the answer."""
    tokens_out: int
    """Most tokens that it may answer with."""


Failure = Literal["timed_out", "unreachable", "busy", "failed", "refused", "malformed", "cut_off", "too_long"]
"""Why there is no answer: none in time, no connection, 429, 5xx, another status, no completion in the body,
stopped at the limit of tokens, more bytes than any completion has."""


@dataclass(frozen=True)
class Reply:
    """What came of asking a language model."""

    text: str = ""
    """What it wrote, which may be anything; empty after a failure."""
    failure: Failure | None = None
    because: str = ""
    """Of a failure: the reason, in words that repeat nothing of the server's."""
    tokens_in: int | None = None
    """As the server counts; None when it does not say."""
    tokens_out: int | None = None
    seconds: float = 0.0


class LanguageModel(Protocol):
    """Answers in text. It has no tools: nothing can be done through it."""

    @property
    def name(self) -> str:
        """Name of the model, as its server knows it."""

    def reply(self, ask: Ask) -> Reply:
        """Ask once; comes back within the set time, whatever the server does, and never raises."""


@dataclass(frozen=True)
class ModelCall:
    """One time that an opinion of a language model was wanted, and what came of it."""

    incident_id: str
    number: int
    """From 1, within the incident."""
    about: str
    """Digest of all that was sent, or would have been."""
    at: datetime
    fallback: str = ""
    """Why there is no answer; empty when there is one."""
    calls: int = 0
    """Requests made: 0 when the answer was known, or nobody was asked."""
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    answer: str = ""

    @property
    def tokens(self) -> int:
        """What it cost, both ways."""
        return self.tokens_in + self.tokens_out


class ModelCalls(Protocol):
    """The record of what a language model was asked."""

    def keep(self, call: ModelCall) -> None:
        """Keep a call in place of what is kept under its number."""

    def of(self, incident_id: str) -> tuple[ModelCall, ...]:
        """Give the calls of an incident, the first one first."""

    def answer(self, about: str) -> str | None:
        """Give what was answered to the very same question, whichever incident asked it."""


Happened = Literal[
    AuditEvent,
    "opened",
    "closed",
    "opinion",
    "alerted",
    "delivered",
    "not_delivered",
    "actuator_failed",
]
"""What those who run the crew hear of: incidents, what goes on record, and what failed around the crew."""


@dataclass(frozen=True)
class Event:
    """Something that happened, for whoever runs the crew."""

    name: Happened
    incident_id: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict[str, str])
    """What it is counted by: words of our own short lists, never a name out of the payments."""
    said: Mapping[str, str] = field(default_factory=dict[str, str])
    """What is written down of it beside; may be hostile text."""


@dataclass(frozen=True)
class Cycle:
    """What one cycle says of how the watch goes."""

    feed: str
    until: datetime
    """End of the increment, by the feed's clock."""
    is_live: bool
    """Whether the feed's clock is the wall clock, so that a lag can be told."""
    incidents: Mapping[str, int]
    """How many are not closed, by status."""
    notes: tuple[str, ...]
    """What was wrong with the input; may be hostile text."""


class Telemetry(Protocol):
    """Tells whoever runs the crew how it works. Never raises and never waits for anybody."""

    def span(self, name: str, incident_id: str = "") -> AbstractContextManager[object]:
        """Time a stage of the work, within the one that this thread is in."""

    def happened(self, event: Event) -> None:
        """Count it and write it down."""

    def cycled(self, cycle: Cycle) -> None:
        """Take in that a cycle is over."""


class Untold:
    """Telemetry for nobody."""

    def span(self, name: str, incident_id: str = "") -> AbstractContextManager[object]:
        """Time nothing."""
        return nullcontext()

    def happened(self, event: Event) -> None:
        """Tell nobody."""

    def cycled(self, cycle: Cycle) -> None:
        """Tell nobody."""


UNTOLD: Telemetry = Untold()
