"""What a receiver of alerts is told: the newest message, those before it, and whether it is over."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol
from urllib.parse import quote

from payments.alert import AlertMessage
from payments.errors import PayOpsError

_ASKS: Final = re.compile(r"ask(?::(?P<number>[1-9][0-9]{0,5}))?")
"""How the key of a message ends that asks people to decide; the first question has no number."""


@dataclass(frozen=True)
class Bulletin:
    """What is to be told. Everything about one incident belongs to one thread."""

    thread: str
    """The incident; a message about none is a thread of its own."""
    alert: AlertMessage
    earlier: tuple[AlertMessage, ...]
    """What was told in this thread before, the first one first."""
    began_at: datetime
    """When the first message of the thread was given, by the wall clock."""
    given_at: datetime
    """When this one was, by the wall clock: the feed's own may be another day's."""
    is_over: bool = False

    @property
    def event(self) -> Literal["opened", "updated", "resolved"]:
        """What happened."""
        if self.is_over:
            return "resolved"
        return "updated" if self.earlier else "opened"

    @property
    def question(self) -> int | None:
        """The number of the question that the message asks; None when it asks none."""
        return None if self.is_over else question_in(self.alert)

    def link(self, console: str) -> str:
        """Give where people look it up, from the address of the console; empty without one."""
        if not console or not self.alert.incident_id:
            return console
        return f"{console}/incidents/{quote(self.alert.incident_id, safe='')}"


def question_in(alert: AlertMessage) -> int | None:
    """Give the number of the question that a message asks; None when it asks none."""
    own, _, matter = alert.dedup_key.partition(f"{alert.incident_id}:")
    found = _ASKS.fullmatch(matter) if alert.incident_id and not own else None
    return None if found is None else int(found["number"] or 1)


class NotDeliveredError(PayOpsError):
    """Raised when a receiver could not be told; the sentence holds no secret."""

    def __init__(self, sentence: str, *, is_final: bool = False, retry_after_s: float = 0.0) -> None:
        super().__init__(sentence)
        self.is_final = is_final
        """The same message would be refused again, however often it is sent."""
        self.retry_after_s = retry_after_s
        """How long the receiver wants to be left alone."""


class Receiver(Protocol):
    """Somebody else's system that tells people."""

    @property
    def name(self) -> str:
        """Name in the queue and in what people read."""

    @property
    def renew_s(self) -> float | None:
        """How often it wants to hear that a thread goes on; None when once is enough."""

    def deliver(self, bulletin: Bulletin) -> None:
        """Tell it; the same twice is as good as once, as far as the receiver can do that.

        Raises:
            NotDeliveredError: it could not be told.
        """
