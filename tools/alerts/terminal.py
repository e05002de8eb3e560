"""Alerts as lines on a terminal."""

from collections.abc import Callable

from payments.alert import AlertMessage


class TerminalAlerts:
    """Implements `AlertSink` with a function that writes text, such as `sys.stderr.write`.

    A message is said once per `dedup_key` and process; one that could not be written is said at the next try.
    """

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self._said: set[str] = set()

    def send(self, alert: AlertMessage) -> None:
        """Write an alert in two lines."""
        if alert.dedup_key in self._said:
            return
        head = f"{alert.at:%H:%M:%S} {alert.severity.upper()} {alert.title}"
        self._write(f"{_one_line(head)}\n    {_one_line(alert.text)}\n")
        self._said.add(alert.dedup_key)


def _one_line(text: str) -> str:
    """Write what a terminal would obey, such as escape sequences in a merchant's name, as escapes."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in " ".join(text.split()))
