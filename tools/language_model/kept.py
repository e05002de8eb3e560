"""What a language model was asked, what it cost and what it answered: a table beside the incidents."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Engine, Float, Integer, MetaData, String, Table, Text, func, select
from sqlalchemy.dialects import postgresql, sqlite

from payments.errors import StorageError
from tools.ports import ModelCall
from tools.tables import AsOurs, make_missing, reading, writing

METADATA = MetaData()

CALLS = Table(
    "model_calls",
    METADATA,
    Column("incident_id", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("about", String(64), nullable=False, index=True),
    Column("at", String(40), nullable=False),
    Column("fallback", String(16), nullable=False),
    Column("calls", Integer, nullable=False),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("answer", Text, nullable=False),
)

_KEYS = ("incident_id", "number")


@dataclass(frozen=True)
class Total:
    """All that was wanted of a language model so far."""

    wanted: int
    answered: int
    calls: int
    tokens_in: int
    tokens_out: int
    seconds: float
    fallbacks: dict[str, int]
    """Times by reason."""


@dataclass(frozen=True)
class KeptCalls:
    """Implements `ModelCalls` in a database; several processes may use it at once."""

    engine: Engine

    def make_table(self) -> None:
        """Make the table if it is not there."""
        make_missing(self.engine, METADATA, _cannot_be("written"))

    def keep(self, call: ModelCall) -> None:
        """Keep a call in place of what is kept under its number."""
        kind = postgresql.insert if self.engine.dialect.name == "postgresql" else sqlite.insert
        row = {**vars(call), "at": call.at.isoformat()}
        changed = {name: value for name, value in row.items() if name not in _KEYS}
        query = kind(CALLS).values(**row).on_conflict_do_update(index_elements=list(_KEYS), set_=changed)
        with self._writing() as connection:
            connection.execute(query)

    def of(self, incident_id: str) -> tuple[ModelCall, ...]:
        """Give the calls of an incident, the first one first."""
        query = select(CALLS).where(CALLS.c.incident_id == incident_id).order_by(CALLS.c.number)
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(ModelCall(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in rows)

    def answer(self, about: str) -> str | None:
        """Give what was answered to the very same question, whichever incident asked it."""
        query = select(CALLS.c.answer).where(CALLS.c.about == about, CALLS.c.answer != "").limit(1)
        with self._reading() as connection:
            found = connection.execute(query).scalar_one_or_none()
        return None if found is None else str(found)

    def total(self) -> Total:
        """Add up everything."""
        columns = (CALLS.c.calls, CALLS.c.tokens_in, CALLS.c.tokens_out, CALLS.c.seconds)
        query = select(CALLS.c.fallback, func.count(), *map(func.sum, columns)).group_by(CALLS.c.fallback)
        with self._reading() as connection:
            rows = connection.execute(query).all()
        times = {str(row[0]): int(row[1]) for row in rows}
        return Total(
            wanted=sum(times.values()),
            answered=times.get("", 0),
            calls=sum(row[2] for row in rows),
            tokens_in=sum(row[3] for row in rows),
            tokens_out=sum(row[4] for row in rows),
            seconds=float(sum(row[5] for row in rows)),
            fallbacks={reason: times[reason] for reason in sorted(times) if reason},
        )

    def _reading(self) -> AbstractContextManager[Connection]:
        return reading(self.engine, _cannot_be("read"))

    def _writing(self) -> AbstractContextManager[Connection]:
        return writing(self.engine, _cannot_be("written"))


def _cannot_be(what: str) -> AsOurs:
    return lambda reason: StorageError(f"the record of the language model cannot be {what}: {reason}")
