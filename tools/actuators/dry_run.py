"""An actuator that only records what it would do."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from payments.action import Action, Receipt
from payments.errors import ActuatorError
from tools.journal import Journal

_APPLIED, _REVERTED = "applied", "reverted"


class DryRunActuator:
    """Implements `Actuator` with a file of JSON lines, one for each action and one for each undoing.

    The file is the receiver: its records stand across restarts, and several processes may share it.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self._journal = Journal(path, ("event", "key"))
        self._clock = clock

    @property
    def name(self) -> str:
        """Name in receipts and records."""
        return "dry_run"

    @property
    def changes_traffic(self) -> bool:
        """Never."""
        return False

    def apply(self, action: Action, key: str, expires_after_s: float) -> Receipt:
        """Record an action once per key.

        Raises:
            ActuatorError: it could not be recorded.
        """
        now = self._clock()
        record = {
            "event": _APPLIED,
            "key": key,
            "effective_at": now.isoformat(),
            "expires_at": (now + timedelta(seconds=expires_after_s)).isoformat(),
            "action": action.model_dump(mode="json"),
        }
        with self._file():
            return self._receipt(self._journal.add(record)[0])

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
            reverted=self._journal.get(_REVERTED, applied["key"]) is not None,
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
