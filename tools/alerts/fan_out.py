"""Alerts to several receivers, none of which can stop the others."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from payments.alert import AlertMessage
from payments.errors import PayOpsError
from tools.ports import AlertSink


@dataclass(frozen=True)
class AlertFanOut:
    """Implements `AlertSink` with others; a failing one is counted and tried again at the next alert."""

    sinks: Sequence[AlertSink]
    failures: Counter[str] = field(default_factory=Counter)
    """Alerts that did not get through, by what went wrong where."""

    @property
    def errors(self) -> int:
        """All alerts that did not get through, counted once for each receiver."""
        return self.failures.total()

    def send(self, alert: AlertMessage) -> None:
        """Tell every receiver."""
        for sink in self.sinks:
            try:
                sink.send(alert)
            except (OSError, ValueError, PayOpsError) as error:  # ValueError: the stream is closed
                self.failures[f"{type(sink).__name__}: {error}"] += 1
