"""The switches of the simulated world, on disk: other processes may throw them while the world runs."""

import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from payments.action import ACTION, Action, Reroute, touches_traffic
from payments.errors import ActuatorError, OutcomeUnknownError
from payments.outcome import Receipt
from simulator.traffic.topology import ATTRIBUTES

_NAME = "simulator"
_SUM_SLACK = 1e-6
_SCHEMA = """
CREATE TABLE IF NOT EXISTS world (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), now TEXT, routes TEXT);
CREATE TABLE IF NOT EXISTS switches (
    key TEXT PRIMARY KEY, action TEXT NOT NULL, effective_at TEXT NOT NULL, expires_at TEXT NOT NULL,
    reverted INTEGER NOT NULL DEFAULT 0
);
"""
_SEPARATOR = "\n"


@dataclass(frozen=True)
class Switchboard:
    """Carries out actions in the world that uses the same file; safe across threads and processes.

    Times are by the world's clock, which stands still while no world runs.
    """

    path: Path

    @property
    def name(self) -> str:
        """Name in receipts and records."""
        return _NAME

    @property
    def changes_traffic(self) -> bool:
        """Always: this is what the world obeys."""
        return True

    def now(self) -> datetime:
        """Give the world's clock.

        Raises:
            ActuatorError: the file cannot be read, or no world has ever run on it.
        """
        with _own_errors(self.path), closing(_connect(self.path)) as database:
            return _world(database, self.path)[0]

    def apply(self, action: Action, key: str, expires_after_s: float, replaces: str | None = None) -> Receipt:
        """Throw a switch once per key, in place of another if named; the same key gives the first receipt.

        Raises:
            ActuatorError: nothing was changed: the world cannot do this, there is no world, or nothing is in
                force that could be replaced.
            OutcomeUnknownError: the disk failed at the last moment.
        """
        with _transaction(self.path) as database:
            held = _receipt(database, key)
            if held is not None:
                return held
            now, routes = _world(database, self.path)
            _refuse_what_cannot_be(action, routes, expires_after_s)
            if replaces is not None:
                _take_back(database, replaces, now)
            expires_at = now + timedelta(seconds=expires_after_s)
            database.execute(
                "INSERT INTO switches (key, action, effective_at, expires_at) VALUES (?, ?, ?, ?)",
                (key, ACTION.dump_json(action).decode(), now.isoformat(), expires_at.isoformat()),
            )
            return Receipt(key=key, actuator=_NAME, effective_at=now, expires_at=expires_at)

    def revert(self, key: str) -> Receipt:
        """Take a switch back; twice is the same as once.

        Raises:
            ActuatorError: nothing was ever applied under the key.
        """
        with _transaction(self.path) as database:
            database.execute("UPDATE switches SET reverted = 1 WHERE key = ?", (key,))
            receipt = _receipt(database, key)
        if receipt is None:
            msg = (
                f"Nothing was applied under the key {key!r}, so nothing can be undone; look the key up first."
            )
            raise ActuatorError(msg)
        return receipt

    def look_up(self, key: str) -> Receipt | None:
        """Give the receipt held under a key, or None."""
        with _transaction(self.path) as database:
            return _receipt(database, key)


class WorldSide:
    """The world's end of the file: a new world clears it, tells its clock, and obeys what is in force."""

    def __init__(self, path: Path, routes: Sequence[str], now: datetime) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _transaction(path) as database:
            database.execute("DELETE FROM switches")
            row = (now.isoformat(), _SEPARATOR.join(routes))
            database.execute("INSERT OR REPLACE INTO world VALUES (1, ?, ?)", row)
        self._path = path
        # One process may read from another thread than the one that made the world, never from two at once.
        self._database = _connect(path, check_same_thread=False)
        self.close = weakref.finalize(self, self._database.close)
        self._version = -1
        self._switches: tuple[tuple[Receipt, Action], ...] = ()

    def in_force(self, now: datetime) -> tuple[Action, ...]:
        """Give the actions in force, oldest first; an action past its expiry is not."""
        with _own_errors(self._path):
            (version,) = self._database.execute("PRAGMA data_version").fetchone()
            if version != self._version:
                self._version, self._switches = version, tuple(_switches(self._database))
        return tuple(action for receipt, action in self._switches if receipt.expires_at > now)

    def tell(self, now: datetime) -> None:
        """Write the world's clock."""
        with _own_errors(self._path):
            self._database.execute("UPDATE world SET now = ?", (now.isoformat(),))


def _connect(path: Path, *, check_same_thread: bool = True) -> sqlite3.Connection:
    with _own_errors(path):
        database = sqlite3.connect(path, isolation_level=None, check_same_thread=check_same_thread)
        database.execute("PRAGMA journal_mode = WAL")
        # A simulated world need not outlive a failure of the power supply.
        database.execute("PRAGMA synchronous = OFF")
        database.executescript(_SCHEMA)
        return database


@contextmanager
def _transaction(path: Path) -> Iterator[sqlite3.Connection]:
    """Do all or nothing, alone; each use has its own connection, so threads need not agree."""
    with closing(_connect(path)) as database, _own_errors(path):
        database.execute("BEGIN IMMEDIATE")
        yield database
        try:
            database.execute("COMMIT")
        except sqlite3.Error as error:
            msg = f"The switchboard {str(path)!r} may or may not have kept this: {error}; look the key up."
            raise OutcomeUnknownError(msg) from error


@contextmanager
def _own_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        msg = f"The switchboard {str(path)!r} failed, nothing was changed: {error}; look at its folder."
        raise ActuatorError(msg) from error


def _world(database: sqlite3.Connection, path: Path) -> tuple[datetime, Sequence[str]]:
    row = database.execute("SELECT now, routes FROM world").fetchone()
    if row is None:
        msg = f"No world has used the switchboard {str(path)!r} yet: start one first."
        raise ActuatorError(msg)
    return datetime.fromisoformat(row[0]), row[1].split(_SEPARATOR)


def _switches(database: sqlite3.Connection) -> Iterator[tuple[Receipt, Action]]:
    rows = database.execute("SELECT key, action FROM switches WHERE NOT reverted ORDER BY rowid").fetchall()
    for key, action in rows:
        receipt = _receipt(database, key)
        if receipt is not None:
            yield receipt, ACTION.validate_json(action)


def _take_back(database: sqlite3.Connection, key: str, now: datetime) -> None:
    """Make room for what takes the place of an action in force."""
    held = _receipt(database, key)
    if held is None or held.reverted or held.expires_at <= now:
        msg = f"Nothing is in force under the key {key!r}, so nothing can take its place."
        raise ActuatorError(msg)
    database.execute("UPDATE switches SET reverted = 1 WHERE key = ?", (key,))


def _receipt(database: sqlite3.Connection, key: str) -> Receipt | None:
    row = database.execute(
        "SELECT effective_at, expires_at, reverted FROM switches WHERE key = ?", (key,)
    ).fetchone()
    if row is None:
        return None
    effective_at, expires_at = map(datetime.fromisoformat, row[:2])
    return Receipt(
        key=key, actuator=_NAME, effective_at=effective_at, expires_at=expires_at, reverted=bool(row[2])
    )


def _refuse_what_cannot_be(action: Action, routes: Sequence[str], expires_after_s: float) -> None:
    if not touches_traffic(action):
        msg = f"{action.kind.value!r} touches no traffic, so there is nothing to apply."
        raise ActuatorError(msg)
    if not 0.0 < expires_after_s < float("inf"):
        msg = f"An action must expire after more than 0 seconds, not {expires_after_s!r}."
        raise ActuatorError(msg)
    strange = sorted(set(action.scope.names()) - set(ATTRIBUTES))
    if strange:
        msg = f"Payments here have no {', '.join(map(repr, strange))}; they have {', '.join(ATTRIBUTES)}."
        raise ActuatorError(msg)
    named = {name for name in [action.scope.role("route")] if name is not None}
    if isinstance(action, Reroute):
        named |= {action.from_route, *action.to, *action.limits_per_s}
        _refuse_fractions(action)
    if not named <= set(routes):
        unknown = ", ".join(map(repr, sorted(named - set(routes))))
        msg = f"There is no route {unknown}; the routes are {', '.join(routes)}."
        raise ActuatorError(msg)


def _refuse_fractions(action: Reroute) -> None:
    total = sum(action.to.values())
    if abs(total - 1.0) > _SUM_SLACK:
        msg = f"The fractions of the targets must sum to 1, not to {total!r}."
        raise ActuatorError(msg)
