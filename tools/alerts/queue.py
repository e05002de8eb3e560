"""What receivers have to be told, on disk until they were: a table in the state database."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Column, Connection, Engine, Float, Integer, MetaData, Row, Table, func, select, update

from payments.alert import AlertMessage
from payments.errors import StorageError
from tools.alerts.bulletin import Bulletin
from tools.database import lasting
from tools.tables import TEXT, insert_once, make_missing, plain, reading, writing

_METADATA = MetaData()

_QUEUE = Table(
    "alert_queue",
    _METADATA,
    Column("receiver", TEXT, primary_key=True),
    Column("matter", TEXT, primary_key=True),
    Column("thread", TEXT, nullable=False),
    Column("message", TEXT, nullable=False),
    Column("is_over", Integer, nullable=False),
    Column("given_at", TEXT, nullable=False, index=True),
    Column("stage", TEXT, nullable=False, index=True),
    Column("taken_until_s", Float, nullable=False),
    Column("error", TEXT),
)
"""The primary key tells each receiver each matter once, whoever gives it how often."""

TAKEN_S: Final = 60.0
"""How long one process may take to deliver; a message of one that died is delivered by another after that."""

QueueRow = Row[*tuple[Any, ...]]


class Stage(StrEnum):
    """How far a message has come."""

    WAITING = "waiting"
    TOLD = "told"
    REFUSED = "refused"
    """The receiver does not take it, however often it is sent."""


@dataclass(frozen=True)
class Taken:
    """A message that this process delivers now."""

    matter: str
    bulletin: Bulletin


@dataclass(frozen=True)
class AlertQueue:
    """Reads and writes the queue; several processes may do so at once.

    Every method raises StorageError when the database cannot be used.
    """

    engine: Engine
    clock: Callable[[], datetime]
    """The wall clock."""

    def __post_init__(self) -> None:
        make_missing(self.engine, _METADATA, _unusable)

    @lasting
    def put(self, receiver: str, alert: AlertMessage, *, is_over: bool = False) -> bool:
        """Keep a message for a receiver, once per `dedup_key`; says whether it is new."""
        row = {
            "receiver": receiver,
            "matter": plain(alert.dedup_key),
            "thread": plain(_thread_of(alert)),
            "message": json.dumps(alert.model_dump(mode="json")),
            "is_over": int(is_over),
            "given_at": self.clock().isoformat(timespec="microseconds"),
            "stage": Stage.WAITING,
            "taken_until_s": 0.0,
        }
        with self._writing() as connection:
            return bool(connection.execute(insert_once(self.engine, _QUEUE, row)).rowcount == 1)

    def take(self, receiver: str) -> Taken | None:
        """Take the oldest message that waits; None while another process is at it."""
        now_s = self.clock().timestamp()
        waiting = (_QUEUE.c.receiver == receiver, _QUEUE.c.stage == Stage.WAITING)
        oldest = select(_QUEUE).where(*waiting).order_by(_QUEUE.c.given_at, _QUEUE.c.matter).limit(1)
        with self._reading() as connection:
            row = connection.execute(oldest).one_or_none()
        if row is None:
            return None
        this = (*waiting, _QUEUE.c.matter == row.matter, _QUEUE.c.taken_until_s <= now_s)
        with self._writing() as connection:
            change = update(_QUEUE).where(*this).values(taken_until_s=now_s + TAKEN_S)
            is_mine = connection.execute(change).rowcount == 1
        return Taken(row.matter, self._bulletin(row)) if is_mine else None

    def told(self, receiver: str, matter: str) -> None:
        """Say that a message was delivered."""
        self._change(receiver, matter, stage=Stage.TOLD, error=None)

    def refused(self, receiver: str, matter: str, error: str) -> None:
        """Say that a message is never taken."""
        self._change(receiver, matter, stage=Stage.REFUSED, error=plain(error))

    def give_back(self, receiver: str, matter: str, error: str) -> None:
        """Let a message wait on."""
        self._change(receiver, matter, taken_until_s=0.0, error=plain(error))

    @lasting
    def waiting(self, receiver: str) -> int:
        """Count what waits."""
        query = select(func.count()).select_from(_QUEUE)
        mine = (_QUEUE.c.receiver == receiver, _QUEUE.c.stage == Stage.WAITING)
        with self._reading() as connection:
            return int(connection.execute(query.where(*mine)).scalar_one())

    @lasting
    def going_on(self, receiver: str) -> tuple[Bulletin, ...]:
        """Give the newest message of each incident that a receiver was told of and not yet of its end."""
        mine = (_QUEUE.c.receiver == receiver, _QUEUE.c.stage != Stage.REFUSED)
        over = select(_QUEUE.c.thread).where(_QUEUE.c.receiver == receiver, _QUEUE.c.is_over == 1)
        open_ = select(_QUEUE).where(*mine, _QUEUE.c.thread.not_in(over)).order_by(_QUEUE.c.given_at)
        with self._reading() as connection:
            newest = {row.thread: row for row in connection.execute(open_)}
        found = [self._bulletin(row) for row in newest.values()]
        return tuple(one for one in found if one.alert.incident_id)

    def _bulletin(self, row: QueueRow) -> Bulletin:
        before = (_QUEUE.c.receiver == row.receiver, _QUEUE.c.thread == row.thread, _QUEUE.c.is_over == 0)
        query = select(_QUEUE).where(*before, _QUEUE.c.given_at <= row.given_at).order_by(_QUEUE.c.given_at)
        with self._reading() as connection:
            rows = [one for one in connection.execute(query) if one.matter != row.matter]
        first = rows[0] if rows else row
        return Bulletin(
            thread=row.thread,
            alert=_alert_in(row),
            earlier=tuple(map(_alert_in, rows)),
            began_at=datetime.fromisoformat(first.given_at),
            given_at=datetime.fromisoformat(row.given_at),
            is_over=bool(row.is_over),
        )

    @lasting
    def _change(self, receiver: str, matter: str, **columns: object) -> None:
        this = (_QUEUE.c.receiver == receiver, _QUEUE.c.matter == matter)
        with self._writing() as connection:
            connection.execute(update(_QUEUE).where(*this).values(**columns))

    def _reading(self) -> AbstractContextManager[Connection]:
        return reading(self.engine, _unusable)

    def _writing(self) -> AbstractContextManager[Connection]:
        return writing(self.engine, _unusable)


def _alert_in(row: QueueRow) -> AlertMessage:
    """Read a message; pydantic's own reader of JSON refuses lone surrogates, which hostile text may hold."""
    return AlertMessage.model_validate(json.loads(row.message))


def _thread_of(alert: AlertMessage) -> str:
    return alert.incident_id or alert.dedup_key


def _unusable(reason: str) -> StorageError:
    return StorageError(f"The queue of alerts cannot be used: {reason}.")
