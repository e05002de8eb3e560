"""The table behind the outbox: what was to be done to traffic, and how far it has come."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
    String,
    Table,
    Text,
    func,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from payments.errors import ActuatorError

METADATA = MetaData()

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("key", String(200), primary_key=True),
    Column("incident_id", String(64), nullable=False, index=True),
    Column("actuator", String(64), nullable=False),
    Column("action", Text, nullable=False),
    Column("expires_after_s", Float, nullable=False),
    Column("replaces", String(200), index=True),
    Column("state", String(16), nullable=False, index=True),
    Column("intended_at", String(40), nullable=False),
    Column("receipt", Text),
    Column("error", Text),
    Column("revert_because", Text),
    Column("updated_at", String(40), nullable=False),
)

_ALONE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE"}
"""What keeps a second process out while the table changes."""

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
        """Make the table, or the column that older ones lack; several processes may do so at once."""
        with self._writing("Nothing was carried out") as connection:
            connection.execute(CreateTable(OUTBOX, if_not_exists=True))
        with self._reading() as connection:
            is_older = _lacks_replaces(connection)
        if is_older:
            self._add_replaces()
        with self._writing("Nothing was carried out") as connection:
            for index in sorted(OUTBOX.indexes, key=lambda one: str(one.name)):
                connection.execute(CreateIndex(index, if_not_exists=True))

    def _add_replaces(self) -> None:
        with self._writing("Nothing was carried out") as connection:
            connection.exec_driver_sql(_ALONE[self.engine.dialect.name])
            if _lacks_replaces(connection):
                connection.exec_driver_sql("ALTER TABLE outbox ADD COLUMN replaces VARCHAR(200)")

    def add(self, values: Mapping[str, object]) -> bool:
        """Write an intent unless its key stands; says whether it is new."""
        now = self.clock().isoformat()
        intent = {**values, "state": State.INTENDED, "intended_at": now, "updated_at": now}
        with self._writing("Nothing was carried out") as connection:
            return connection.execute(_insert_once(self.engine.dialect.name, intent)).rowcount == 1

    def get(self, key: str) -> IntentRow | None:
        """Give the intent of a key."""
        with self._reading() as connection:
            return connection.execute(select(OUTBOX).where(OUTBOX.c.key == key)).one_or_none()

    def count(self, incident_id: str) -> int:
        """Count what was ever to be done for an incident."""
        query = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.incident_id == incident_id)
        with self._reading() as connection:
            return int(connection.execute(query).scalar_one())

    def in_state(self, *states: State) -> Sequence[IntentRow]:
        """Give what has come so far and no further, oldest first."""
        query = select(OUTBOX).where(OUTBOX.c.state.in_(states)).order_by(OUTBOX.c.intended_at)
        with self._reading() as connection:
            return connection.execute(query).all()

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

    def change_each(self, changes: Mapping[str, Mapping[str, str | None]]) -> None:
        """Change intents, each in its own way, all or none."""
        now = self.clock().isoformat()
        with self._writing("The outbox lags behind") as connection:
            for key, columns in changes.items():
                connection.execute(
                    update(OUTBOX).where(OUTBOX.c.key == key).values(**columns, updated_at=now)
                )

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _errors_are_ours("Nothing was carried out"), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self, consequence: str) -> Iterator[Connection]:
        with _errors_are_ours(consequence), self.engine.begin() as connection:
            yield connection


def _lacks_replaces(connection: Connection) -> bool:
    return "replaces" not in {column["name"] for column in inspect(connection).get_columns(OUTBOX.name)}


def _insert_once(dialect: str, values: Mapping[str, object]) -> Executable:
    kind = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return kind(OUTBOX).values(**values).on_conflict_do_nothing(index_elements=["key"])


@contextmanager
def _errors_are_ours(consequence: str) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__)
        raise ActuatorError(f"{consequence}: the outbox cannot be used ({reason}).") from error
