"""Alerts to other people's systems: kept on disk at once, delivered by couriers of their own."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from payments.alert import AlertMessage
from tools.alerts.bulletin import Receiver
from tools.alerts.courier import Courier, Over, Round
from tools.alerts.queue import AlertQueue
from tools.ports import AlertSink

ENDS_WITHIN_S = 3.0
"""How long the end of a process waits for what could be delivered at once; the rest stays on disk."""


@dataclass
class QueuedAlerts:
    """Implements `AlertSink`: a message is told to every receiver, once per `dedup_key`, whoever crashes."""

    receivers: Sequence[Receiver]
    queue: AlertQueue
    rounds: list[Round] = field(default_factory=list)

    def send(self, alert: AlertMessage) -> None:
        """Keep a message for everybody.

        Raises:
            StorageError: it could not be kept.
        """
        self.keep(alert)

    def keep(self, alert: AlertMessage, *, but: str = "") -> None:
        """Keep a message for everybody but one."""
        for receiver in self.receivers:
            if receiver.name != but:
                self.queue.put(receiver.name, alert)
        for one in self.rounds:
            one.wake()

    @property
    def failures(self) -> Counter[str]:
        """Tries that came to nothing, by what was said."""
        return sum((one.courier.failures for one in self.rounds), Counter[str]())


@contextmanager
def delivering(alerts: QueuedAlerts, over: Over, others: AlertSink) -> Iterator[None]:
    """Deliver what is kept, each receiver in a thread of its own, until the end of the process.

    `others` hear of a receiver that fails, beside the other receivers.
    """

    def courier(receiver: Receiver) -> Courier:
        def tell(alert: AlertMessage) -> None:
            others.send(alert)
            alerts.keep(alert, but=receiver.name)

        return Courier(receiver, alerts.queue, over, tell, alerts.queue.clock)

    alerts.rounds.extend(Round(courier(receiver)) for receiver in alerts.receivers)
    for one in alerts.rounds:
        one.start()
    try:
        yield
    finally:
        for one in alerts.rounds:
            one.end()
        until_s = time.monotonic() + ENDS_WITHIN_S
        for one in alerts.rounds:
            one.wait(max(0.0, until_s - time.monotonic()))
