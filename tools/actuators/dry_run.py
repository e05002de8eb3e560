"""An actuator that only records what it would do."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from payments.action import Action
from payments.errors import ActuatorError
from payments.outcome import Receipt
from tools.journal import Journal, Record

_APPLIED, _REVERTED = "applied", "reverted"


class DryRunActuator:
    """Implements `Actuator` with a file of JSON lines, one for each action and one for each undoing.

    The file is the receiver: its records stand across restarts, and several processes may share it.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime], name: str = "dry_run") -> None:
        self._journal = Journal(path, ("event", "key"))
        self._clock = clock
        self._name = name

    @property
    def name(self) -> str:
        """Name in receipts and records."""
        return self._name

    @property
    def changes_traffic(self) -> bool:
        """Never."""
        return False

    def apply(self, action: Action, key: str, expires_after_s: float, replaces: str | None = None) -> Receipt:
        """Record an action once per key, and in the same line whose place it takes.

        Raises:
            ActuatorError: what is to be replaced is not in force, or it could not be recorded.
        """
        now = self._clock()
        record = {
            "event": _APPLIED,
            "key": key,
            "replaces": replaces,
            "effective_at": now.isoformat(),
            "expires_at": (now + timedelta(seconds=expires_after_s)).isoformat(),
            "action": action.model_dump(mode="json"),
        }

        def check(records: Collection[Record]) -> None:
            if replaces is not None and not _in_force(replaces, records, now):
                msg = f"Nothing is in force under the key {replaces!r}, so nothing can take its place."
                raise ActuatorError(msg)

        with self._file():
            return self._receipt(self._journal.add(record, check)[0])

    def revert(self, key: str) -> Receipt:
        """Record that an action is undone, once.

        Raises:
            ActuatorError: nothing was recorded under the key, or it could not be recorded.
        """
        with self._file():
            applied = self._journal.get(_APPLIED, key)
            if applied is None:
                raise ActuatorError(f"Nothing was recorded under the key {key!r}, so nothing can be undone.")
            self._journal.add({"event": _REVERTED, "key": key, "at": self._clock().isoformat()})
            return self._receipt(applied)

    def look_up(self, key: str) -> Receipt | None:
        """Give the receipt held under a key.

        Raises:
            ActuatorError: the file cannot be read.
        """
        with self._file():
            applied = self._journal.get(_APPLIED, key)
            return None if applied is None else self._receipt(applied)

    def _receipt(self, applied: Mapping[str, str]) -> Receipt:
        return Receipt(
            key=applied["key"],
            actuator=self.name,
            effective_at=datetime.fromisoformat(applied["effective_at"]),
            expires_at=datetime.fromisoformat(applied["expires_at"]),
            reverted=_is_over(applied["key"], self._journal.all()),
        )

    @contextmanager
    def _file(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            msg = f"The record of dry runs {str(self._journal.path)!r} cannot be used: {error.strerror}."
            raise ActuatorError(msg) from error
        except (KeyError, ValueError) as error:
            msg = f"The record of dry runs {str(self._journal.path)!r} holds a damaged line: {error}."
            raise ActuatorError(msg) from error


def _is_over(key: str, records: Collection[Record]) -> bool:
    """Say whether an action was taken back or replaced."""
    undone = any(record["event"] == _REVERTED and record["key"] == key for record in records)
    return undone or any(record.get("replaces") == key for record in records)


def _in_force(key: str, records: Collection[Record], now: datetime) -> bool:
    ends = [datetime.fromisoformat(record["expires_at"]) for record in records if _is_applied(record, key)]
    return any(end > now for end in ends) and not _is_over(key, records)


def _is_applied(record: Record, key: str) -> bool:
    return bool(record["event"] == _APPLIED and record["key"] == key)
