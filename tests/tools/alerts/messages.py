"""Messages to people, and a receiver in memory."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from payments.alert import AlertMessage
from tests.tools.receiver import NOW
from tools.alerts.bulletin import Bulletin, NotDeliveredError

Severity = Literal["info", "warning", "critical"]


def message(matter: str = "ask", incident: str = "i1", severity: Severity = "warning") -> AlertMessage:
    return AlertMessage(
        dedup_key=f"{incident}:{matter}",
        incident_id=incident,
        at=NOW,
        severity=severity,
        title="alpha fails",
        text=f"about {matter}",
    )


def bulletin(alert: AlertMessage, *earlier: AlertMessage, is_over: bool = False) -> Bulletin:
    return Bulletin(alert.incident_id or alert.dedup_key, alert, earlier, NOW, NOW, is_over)


@dataclass
class Clock:
    """A wall clock that a test turns."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)  # no two instants are the same, as on a real clock
        return self.now

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Pager:
    """A receiver that takes what it is told, unless it has a trouble."""

    name: str = "pager"
    renew_s: float | None = None
    trouble: NotDeliveredError | None = None
    told: list[Bulletin] = field(default_factory=list)
    tries: int = 0

    def deliver(self, bulletin: Bulletin) -> None:
        self.tries += 1
        if self.trouble is not None:
            raise self.trouble
        self.told.append(bulletin)

    @property
    def events(self) -> list[tuple[str, str]]:
        return [(one.event, one.alert.dedup_key) for one in self.told]
