"""The crew's four tools, by name: each checks its kind of action by type and hands it to its one receiver."""

from dataclasses import dataclass
from typing import assert_never

from payments.action import Action, AdjustRetryPolicy, Alert, NoAction, Reroute, Suppress
from payments.alert import AlertMessage
from payments.errors import ActuatorError
from payments.intent import Reconciled, Unsettled
from payments.outcome import Receipt
from tools.outbox import Outbox
from tools.ports import AlertSink


@dataclass(frozen=True)
class Order:
    """Under which idempotency key, for which incident and how long an action is carried out."""

    key: str
    incident_id: str
    expires_after_s: float
    replaces: str | None = None
    """Key of the action in force that this one takes the place of."""


@dataclass(frozen=True)
class Tools:
    """Carries out any action: on traffic through the outbox, to people through the alerts."""

    outbox: Outbox
    alerts: AlertSink

    def execute(
        self,
        key: str,
        incident_id: str,
        action: Action,
        expires_after_s: float,
        replaces: str | None = None,
    ) -> Receipt:
        """Carry out an action exactly once per key.

        Raises:
            ActuatorError: nothing was changed, or there is nothing to carry out.
            OutcomeUnknownError: it may have been changed.
        """
        order = Order(key, incident_id, expires_after_s, replaces)
        match action:
            case Reroute():
                return reroute_traffic(action, order, self.outbox)
            case AdjustRetryPolicy():
                return adjust_retry_policy(action, order, self.outbox)
            case Suppress():
                return suppress_failing_path(action, order, self.outbox)
            case Alert() | NoAction():
                raise ActuatorError(f"{action.kind.value} touches no payment: there is nothing to carry out.")
        assert_never(action)

    def send(self, alert: AlertMessage) -> None:
        """Tell people."""
        alert_operators(alert, self.alerts)

    def revert(self, key: str, because: str) -> Receipt:
        """Undo an action on traffic."""
        return self.outbox.revert(key, because)

    def undone_because(self, key: str) -> str | None:
        """Say why an action was undone; None when it was not, as far as is on record."""
        return self.outbox.undone_because(key)

    def next_key(self, incident_id: str) -> str:
        """Give the first idempotency key of an incident that stands for nothing yet."""
        return self.outbox.next_key(incident_id)

    def unsettled(self) -> tuple[Unsettled, ...]:
        """Give what was to be done or undone and has no result."""
        return self.outbox.unsettled()

    def in_force(self) -> tuple[Reconciled, ...]:
        """Give what was carried out and not undone, as far as is on record."""
        return self.outbox.in_force()

    def reconcile(self, key: str) -> Reconciled:
        """Find out what became of it, and finish an undoing."""
        return self.outbox.reconcile(key)


def reroute_traffic(action: Reroute, order: Order, outbox: Outbox) -> Receipt:
    """Move a share of the scope's payments from one route to others. WRITE."""
    return outbox.execute(order.key, order.incident_id, action, order.expires_after_s, order.replaces)


def suppress_failing_path(action: Suppress, order: Order, outbox: Outbox) -> Receipt:
    """Offer the failing path to no payment until the expiry. WRITE."""
    return outbox.execute(order.key, order.incident_id, action, order.expires_after_s, order.replaces)


def adjust_retry_policy(action: AdjustRetryPolicy, order: Order, outbox: Outbox) -> Receipt:
    """Bound how often and how soon a failed payment of the scope is attempted again. WRITE."""
    return outbox.execute(order.key, order.incident_id, action, order.expires_after_s, order.replaces)


def alert_operators(alert: AlertMessage, alerts: AlertSink) -> None:
    """Tell the people on duty, once per `dedup_key`; touches no payment."""
    alerts.send(alert)
