"""What the crew needs from the world, named for the need and not for a vendor."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from payments.action import Action, Receipt, Route
from payments.alert import AlertMessage
from payments.incident import Maintenance
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
