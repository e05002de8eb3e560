"""Delivers what waits for one receiver, in a thread of its own: no cycle ever waits for it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Final

from payments.alert import AlertMessage
from payments.errors import PayOpsError, StorageError
from tools.alerts.bulletin import Bulletin, NotDeliveredError, Receiver
from tools.alerts.queue import AlertQueue, Taken

IDLE_S: Final = 1.0
"""How often it is looked whether another process has left something."""
FIRST_RETRY_S, LAST_RETRY_S = 1.0, 60.0
PATIENCE: Final = timedelta(seconds=15)
"""How long a receiver may fail before people are told by the others."""
LOOK_AFTER: Final = timedelta(seconds=5)
"""How often it is looked which incidents are over."""

Over = Callable[[str], str | None]
"""Gives the last word on an incident; None while it goes on."""


@dataclass
class Courier:
    """Delivers to one receiver: in order, each message until it is taken, with longer and longer pauses."""

    receiver: Receiver
    queue: AlertQueue
    over: Over
    tell_others: Callable[[AlertMessage], None]
    """Tells people of a receiver that fails, without that receiver."""
    clock: Callable[[], datetime]
    failures: Counter[str] = field(default_factory=Counter)
    """Tries that came to nothing, by what was said."""
    _failing_since: datetime | None = None
    _tries: int = 0
    _has_told: bool = False
    _looked_at: datetime | None = None
    _renewed: dict[str, datetime] = field(default_factory=dict)

    def step(self) -> float:
        """Deliver one message, or look after what goes on; gives the seconds until the next step."""
        name = self.receiver.name
        try:
            taken = self.queue.take(name)
            if taken is None:
                self._failing_since = None
                return self._look_after()
            return self._deliver(taken)
        except StorageError as error:
            return self._failed(error, "")

    @property
    def is_failing(self) -> bool:
        """Whether the last try came to nothing."""
        return self._failing_since is not None

    def _deliver(self, taken: Taken) -> float:
        name = self.receiver.name
        try:
            self.receiver.deliver(taken.bulletin)
        except NotDeliveredError as error:
            if error.is_final:
                self.queue.refused(name, taken.matter, str(error))
                self._tell(f"alerts:{name}:{taken.matter}", f"An alert did not reach {name}", str(error))
                return 0.0
            self.queue.give_back(name, taken.matter, str(error))
            return max(error.retry_after_s, self._failed(error, taken.matter))
        self.queue.told(name, taken.matter)
        self._is_back(taken.bulletin)
        return 0.0

    def _is_back(self, bulletin: Bulletin) -> None:
        self._failing_since, self._tries, self._has_told = None, 0, False
        self._renewed[bulletin.thread] = self.clock()

    def _failed(self, error: PayOpsError, matter: str) -> float:
        """Count a failure, tell people once when it lasts, and give the pause until the next try.

        The message that is stuck names the outage: other processes are stuck at the same.
        """
        now = self.clock()
        self.failures[str(error)] += 1
        self._failing_since = self._failing_since or now
        if now - self._failing_since >= PATIENCE and not self._has_told:
            self._has_told = True
            name, outage = self.receiver.name, matter or self._failing_since.isoformat()
            text = f"{error} Alerts wait in the state database until it is back."
            self._tell(f"alerts:{name}:{outage}", f"Alerts do not reach {name}", text)
        pause_s = min(LAST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(self._tries, 10))
        self._tries += 1
        return pause_s

    def _tell(self, key: str, title: str, text: str) -> None:
        self.tell_others(
            AlertMessage(
                dedup_key=key, incident_id="", at=self.clock(), severity="warning", title=title, text=text
            )
        )

    def _look_after(self) -> float:
        """Tell of incidents that are over, and that others go on where the receiver wants to hear it."""
        now = self.clock()
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOK_AFTER:
            return IDLE_S
        self._looked_at = now
        for bulletin in self.queue.going_on(self.receiver.name):
            said = self.over(bulletin.thread)
            if said is not None:
                self.queue.put(self.receiver.name, _end_of(bulletin, said, now), is_over=True)
            elif self._is_due(bulletin, now):
                self._renew(bulletin, now)
        return IDLE_S

    def _is_due(self, bulletin: Bulletin, now: datetime) -> bool:
        every_s, last = self.receiver.renew_s, self._renewed.get(bulletin.thread)
        return every_s is not None and (last is None or now - last >= timedelta(seconds=every_s))

    def _renew(self, bulletin: Bulletin, now: datetime) -> None:
        """Say again what holds; nothing is lost when that fails, for it is said again anyway."""
        self._renewed[bulletin.thread] = now
        try:
            self.receiver.deliver(bulletin)
        except NotDeliveredError as error:
            self.failures[str(error)] += 1


@dataclass
class Round:
    """A courier at work until it is stopped."""

    courier: Courier
    _stopping: Event = field(default_factory=Event)
    _news: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def start(self) -> None:
        """Begin; a process that ends does not wait for it."""
        self._thread = Thread(target=self._go, name=f"alerts {self.courier.receiver.name}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that something waits."""
        self._news.set()

    def end(self) -> None:
        """Deliver what can be delivered at once, then end; what is left stays on disk."""
        self._stopping.set()
        self._news.set()

    def wait(self, within_s: float) -> None:
        """Wait for the end."""
        if self._thread is not None:
            self._thread.join(within_s)

    def _go(self) -> None:
        while not self._stopping.is_set():
            pause_s = self.courier.step()
            if self.courier.is_failing:
                self._stopping.wait(pause_s)  # news is no reason to try sooner
            else:
                self._news.wait(pause_s)
                self._news.clear()
        while self.courier.step() == 0.0:
            pass


def _end_of(bulletin: Bulletin, said: str, now: datetime) -> AlertMessage:
    last = bulletin.alert
    return AlertMessage(
        dedup_key=f"{last.incident_id}:over",
        incident_id=last.incident_id,
        at=now,
        severity="info",
        title=last.title,
        text=said,
    )
