"""Waits for a live source; what is in force is looked after meanwhile, and an outage is told once."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from console.outside import now
from payments.alert import AlertMessage

if TYPE_CHECKING:
    from graph.duty import Duty
    from tools.sources.stream.source import StreamSource

LOOK_EVERY_S: Final = 1.0
PATIENCE: Final = timedelta(seconds=15)
"""How long a source may be silent before people are told."""


@dataclass
class Waiting:
    """Waits between the cycles of one watch."""

    stream: "StreamSource"
    duty: "Duty"
    clock: Callable[[], datetime] = now
    sleep: Callable[[float], object] = time.sleep
    _told: datetime | None = None
    _began: datetime | None = None
    _said: bool = False

    def until_next(self) -> None:
        """Return when there is an increment, or when the source has come to its end."""
        while wait_s := self.stream.wait_s():
            self._tell()
            self._say_that_nothing_came()
            for sentence in self.duty.rest(self.clock()):
                self.duty.senses.monitor.note(sentence)
            self.sleep(min(wait_s, LOOK_EVERY_S))
        for sentence in self.stream.collect_notes():
            self.duty.senses.monitor.note(sentence)

    def _say_that_nothing_came(self) -> None:
        """Say once to whoever looks on that the source answers and has no payment."""
        self._began = self._began or self.clock()
        is_silent = len(self.stream.cells) == 0 and self.stream.outage.since is None
        if is_silent and not self._said and self.clock() - self._began > PATIENCE:
            self._said = True
            sys.stderr.write(f"{self.stream.feed} has no payment yet; waiting for the first.\n")

    def _tell(self) -> None:
        """Tell people of an outage, once."""
        since, feed = self.stream.outage.since, self.stream.feed
        if since is None or since == self._told or self.clock() - since < PATIENCE:
            return
        self._told = since
        self.duty.services.alerts.send(
            AlertMessage(
                dedup_key=f"source:{feed}:{since.isoformat()}",
                incident_id="",
                at=self.clock(),
                severity="critical",
                title=f"{feed} gives no payments since {since:%H:%M:%S} UTC",
                text=f"{self.stream.outage.because} What is missed is read when it is back.",
            )
        )
