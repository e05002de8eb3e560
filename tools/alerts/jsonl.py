"""Alerts as JSON lines, for people and programs that come later."""

from pathlib import Path

from payments.alert import AlertMessage
from tools.journal import Journal


class JsonlAlerts:
    """Implements `AlertSink` with a file; what stands in it is not written again, after a restart neither.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._journal = Journal(path, ("dedup_key",))

    def send(self, alert: AlertMessage) -> None:
        """Append an alert once per `dedup_key`."""
        self._journal.add(alert.model_dump(mode="json"))
