"""The table behind the outbox: what was to be done to traffic, and how far it has come."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Executable,
    Float,
    MetaData,
    Row,
    Table,
    bindparam,
    func,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.schema import CreateIndex, CreateTable

from payments.errors import ActuatorError
from tools.database import lasting
from tools.tables import ALONE, TEXT, AsOurs, insert_once, plain, reading, writing

METADATA = MetaData()

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("key", TEXT, primary_key=True),
    Column("incident_id", TEXT, nullable=False, index=True),
    Column("actuator", TEXT, nullable=False),
    Column("action", TEXT, nullable=False),
    Column("expires_after_s", Float, nullable=False),
    Column("replaces", TEXT, index=True),
    Column("state", TEXT, nullable=False, index=True),
    Column("intended_at", TEXT, nullable=False),
    Column("receipt", TEXT),
    Column("error", TEXT),
    Column("revert_because", TEXT),
    Column("updated_at", TEXT, nullable=False),
)

_IN_STATE = (
    select(OUTBOX)
    .where(OUTBOX.c.state.in_(bindparam("states", expanding=True)))
    .order_by(OUTBOX.c.intended_at)
)
_BY_KEY = select(OUTBOX).where(OUTBOX.c.key == bindparam("named"))
"""Questions that every watch asks again and again, made once."""

IntentRow = Row[*tuple[Any, ...]]


class State(StrEnum):
    """How far an action has come."""

    INTENDED = "intended"
    """On disk, perhaps sent, no result known."""
    UNKNOWN = "unknown"
    """Sent; the receiver did not say whether it was carried out."""
    FAILED = "failed"
    """Nothing was changed, and nothing will be."""
    DONE = "done"
    REPLACED = "replaced"
    """Another action took its place."""
    REVERTING = "reverting"
    """To be undone, no result known."""
    REVERTED = "reverted"


UNSETTLED = (State.INTENDED, State.UNKNOWN, State.REVERTING)
ENDED = (State.FAILED, State.REPLACED, State.REVERTED)


@dataclass(frozen=True)
class Intents:
    """Reads and writes the intents; every failure of the database is an ActuatorError."""

    engine: Engine
    clock: Callable[[], datetime]

    def make_table(self) -> None:
        """Make the table, or what older ones lack; several processes may do so at once."""
        with self._reading() as connection:
            if not _lacks(connection):
                return
        with self._writing("Nothing was carried out") as connection:
            connection.execute(ALONE[self.engine.dialect.name])
            for change in _lacks(connection):
                connection.execute(change)

    @lasting
    def add(self, values: Mapping[str, object]) -> bool:
        """Write an intent unless its key stands; says whether it is new."""
        now = self.clock().isoformat()
        intent = {**_storable(values), "state": State.INTENDED, "intended_at": now, "updated_at": now}
        with self._writing("Nothing was carried out") as connection:
            return connection.execute(insert_once(self.engine, OUTBOX, intent)).rowcount == 1

    @lasting
    def get(self, key: str) -> IntentRow | None:
        """Give the intent of a key."""
        with self._reading() as connection:
            return connection.execute(_BY_KEY, {"named": key}).one_or_none()

    @lasting
    def count(self, incident_id: str) -> int:
        """Count what was ever to be done for an incident."""
        query = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.incident_id == incident_id)
        with self._reading() as connection:
            return int(connection.execute(query).scalar_one())

    @lasting
    def in_state(self, *states: State) -> Sequence[IntentRow]:
        """Give what has come so far and no further, oldest first."""
        with self._reading() as connection:
            return connection.execute(_IN_STATE, {"states": states}).all()

    @lasting
    def line(self, key: str) -> Sequence[IntentRow]:
        """Give an intent and all that took its place or was to, oldest first."""
        line, keys = list[IntentRow](), [key]
        with self._reading() as connection:
            found = connection.execute(select(OUTBOX).where(OUTBOX.c.key == key)).all()
            while found:
                line += found
                keys = [row.key for row in found]
                later = select(OUTBOX).where(OUTBOX.c.replaces.in_(keys)).order_by(OUTBOX.c.intended_at)
                found = connection.execute(later).all()
        return line

    def change(self, *keys: str, **columns: str | None) -> None:
        """Change intents, all or none."""
        self.change_each(dict.fromkeys(keys, columns))

    @lasting
    def change_each(self, changes: Mapping[str, Mapping[str, str | None]]) -> None:
        """Change intents, each in its own way, all or none."""
        now = self.clock().isoformat()
        with self._writing("The outbox lags behind") as connection:
            for key, columns in changes.items():
                changed = {**_storable(columns), "updated_at": now}
                connection.execute(update(OUTBOX).where(OUTBOX.c.key == key).values(changed))

    def _reading(self) -> AbstractContextManager[Connection]:
        return reading(self.engine, _after("Nothing was carried out"))

    def _writing(self, consequence: str) -> AbstractContextManager[Connection]:
        return writing(self.engine, _after(consequence))


def _storable(values: Mapping[str, object]) -> dict[str, object]:
    """Write what no database holds in a column as escapes: NUL and lone surrogates of hostile text."""
    return {name: plain(value) if isinstance(value, str) else value for name, value in values.items()}


def _lacks(connection: Connection) -> Sequence[Executable]:
    """Give what makes the table what it should be, in order; nothing where it is so already."""
    found, indexes = inspect(connection), sorted(OUTBOX.indexes, key=lambda one: str(one.name))
    if not found.has_table(OUTBOX.name):
        return [CreateTable(OUTBOX), *map(CreateIndex, indexes)]
    columns = {column["name"] for column in found.get_columns(OUTBOX.name)}
    there = {index["name"] for index in found.get_indexes(OUTBOX.name)}
    column = [] if "replaces" in columns else [text("ALTER TABLE outbox ADD COLUMN replaces TEXT")]
    return [*column, *(CreateIndex(index) for index in indexes if index.name not in there)]


def _after(consequence: str) -> AsOurs:
    return lambda reason: ActuatorError(f"{consequence}: the outbox cannot be used ({reason}).")
