"""The only way to the actuator: an intent on disk before, a result on disk after, one effect per key.

A process may die at any point. What it leaves is an intent without a result; whoever comes next asks the
actuator what it holds under the key before anything is sent again.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import Column, Engine, Executable, Float, MetaData, Row, String, Table, Text, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from payments.action import ACTION, Action, Receipt
from payments.errors import ActuatorError, OutcomeUnknownError
from tools.ports import Actuator

METADATA = MetaData()

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("key", String(200), primary_key=True),
    Column("incident_id", String(64), nullable=False, index=True),
    Column("actuator", String(64), nullable=False),
    Column("action", Text, nullable=False),
    Column("expires_after_s", Float, nullable=False),
    Column("state", String(16), nullable=False),
    Column("intended_at", String(40), nullable=False),
    Column("receipt", Text),
    Column("error", Text),
    Column("revert_because", Text),
    Column("updated_at", String(40), nullable=False),
)

_Row = Row[*tuple[Any, ...]]


class State(StrEnum):
    """How far an action has come."""

    INTENDED = "intended"
    """On disk, perhaps sent, no result known."""
    UNKNOWN = "unknown"
    """Sent; the receiver did not say whether it was carried out."""
    FAILED = "failed"
    """The receiver said that nothing was changed."""
    DONE = "done"
    REVERTING = "reverting"
    """To be undone, no result known."""
    REVERTED = "reverted"


@dataclass(frozen=True)
class Reconciled:
    """What became of an intent that had no result."""

    key: str
    incident_id: str
    found: Literal["applied", "not_applied", "unknown"]
    sentence: str


@dataclass(frozen=True)
class Outbox:
    """Carries out each action exactly once per key, whatever crashes."""

    engine: Engine
    actuator: Actuator
    clock: Callable[[], datetime]

    def __post_init__(self) -> None:
        with _recording("Nothing was carried out"), self.engine.begin() as connection:
            METADATA.create_all(connection)

    def execute(self, key: str, incident_id: str, action: Action, expires_after_s: float) -> Receipt:
        """Carry out an action, or give the receipt of when it was.

        Raises:
            ActuatorError: nothing was changed: the receiver refused, the key stands for another action, or an
                old intent has outlived its expiry.
            OutcomeUnknownError: it may have been changed.
        """
        is_new = self._intend(key, incident_id, action, expires_after_s)
        row = self._row(key)
        if row is None or row.action != _plain(action):
            raise ActuatorError(f"The key {key!r} stands for another action; nothing was changed.")
        if row.receipt is not None:
            return Receipt.model_validate_json(row.receipt)
        if not is_new:
            held = self._held(key)
            if held is not None:
                return self._done(key, held)
            self._refuse_outlived(row)
        return self._apply(key, action, expires_after_s)

    def revert(self, key: str, because: str) -> Receipt:
        """Undo an action; undoing twice is the same as once.

        Raises:
            ActuatorError: nothing was ever intended under the key, or the receiver could not undo it.
        """
        row = self._row(key)
        if row is None:
            raise ActuatorError(
                f"Nothing was ever carried out under the key {key!r}, so nothing can be undone."
            )
        if row.state == State.REVERTED:
            return Receipt.model_validate_json(row.receipt)
        self._set(key, state=State.REVERTING, revert_because=because)
        with self._errors_kept(key, failed=State.REVERTING):
            receipt = self.actuator.revert(key)
        self._set(key, state=State.REVERTED, receipt=receipt.model_dump_json(), error=None)
        return receipt

    def reconcile(self) -> tuple[Reconciled, ...]:
        """Ask the actuator about every intent without a result; to be called at start.

        Nothing is sent: what was not applied is left to whoever runs its incident on.
        """
        query = (
            select(OUTBOX)
            .where(OUTBOX.c.state.in_([State.INTENDED, State.UNKNOWN]))
            .order_by(OUTBOX.c.intended_at)
        )
        with _recording("Nothing was reconciled"), self.engine.connect() as connection:
            rows = connection.execute(query).all()
        return tuple(self._reconcile(row) for row in rows)

    def _reconcile(self, row: _Row) -> Reconciled:
        try:
            held = self._held(row.key)
        except OutcomeUnknownError as error:
            return Reconciled(row.key, row.incident_id, "unknown", str(error))
        if held is None:
            sentence = f"{self.actuator.name} holds nothing under {row.key!r}; it was not carried out."
            return Reconciled(row.key, row.incident_id, "not_applied", sentence)
        self._done(row.key, held)
        sentence = f"{self.actuator.name} has carried out {row.key!r}, at {held.effective_at.isoformat()}."
        return Reconciled(row.key, row.incident_id, "applied", sentence)

    def _intend(self, key: str, incident_id: str, action: Action, expires_after_s: float) -> bool:
        """Write the intent unless the key stands; says whether it is new."""
        now = self.clock().isoformat()
        intent = {
            "key": key,
            "incident_id": incident_id,
            "actuator": self.actuator.name,
            "action": _plain(action),
            "expires_after_s": expires_after_s,
            "state": State.INTENDED,
            "intended_at": now,
            "updated_at": now,
        }
        with _recording("Nothing was carried out"), self.engine.begin() as connection:
            return connection.execute(_insert_once(self.engine.dialect.name, intent)).rowcount == 1

    def _apply(self, key: str, action: Action, expires_after_s: float) -> Receipt:
        with self._errors_kept(key, failed=State.FAILED):
            receipt = self.actuator.apply(action, key, expires_after_s)
        return self._done(key, receipt)

    def _held(self, key: str) -> Receipt | None:
        try:
            return self.actuator.look_up(key)
        except ActuatorError as error:
            msg = f"{self.actuator.name} does not say what it holds under {key!r}: {error}"
            raise OutcomeUnknownError(msg) from error

    def _refuse_outlived(self, row: _Row) -> None:
        """Do not send an action late that would be over by now, nor one that was taken back."""
        over = datetime.fromisoformat(row.intended_at) + timedelta(seconds=row.expires_after_s)
        if row.revert_because is not None:
            because = f"was taken back before it was carried out: {row.revert_because}"
        elif self.clock() >= over:
            because = f"was to end at {over.isoformat()} and was never carried out; it is too late now"
        else:
            return
        self._set(row.key, state=State.FAILED, error=because)
        raise ActuatorError(f"The action {row.key!r} {because}.")

    def _done(self, key: str, receipt: Receipt) -> Receipt:
        try:
            self._set(key, state=State.DONE, receipt=receipt.model_dump_json(), error=None)
        except ActuatorError as error:
            raise OutcomeUnknownError(
                f"{key!r} was carried out, but this could not be recorded: {error}"
            ) from error
        return receipt

    @contextmanager
    def _errors_kept(self, key: str, failed: State) -> Iterator[None]:
        """Record what the receiver refused, and let the caller know."""
        try:
            yield
        except ActuatorError as error:
            is_unknown = isinstance(error, OutcomeUnknownError) and failed is State.FAILED
            # A database that fails now must not hide what the receiver said; the intent stands either way.
            with suppress(ActuatorError):
                self._set(key, state=State.UNKNOWN if is_unknown else failed, error=str(error))
            raise

    def _row(self, key: str) -> _Row | None:
        with _recording("Nothing was carried out"), self.engine.connect() as connection:
            return connection.execute(select(OUTBOX).where(OUTBOX.c.key == key)).one_or_none()

    def _set(self, key: str, **columns: str | None) -> None:
        change = (
            update(OUTBOX).where(OUTBOX.c.key == key).values(**columns, updated_at=self.clock().isoformat())
        )
        with _recording("The outbox lags behind"), self.engine.begin() as connection:
            connection.execute(change)


def _insert_once(dialect: str, values: Mapping[str, object]) -> Executable:
    if dialect == "postgresql":
        return postgresql.insert(OUTBOX).values(**values).on_conflict_do_nothing(index_elements=["key"])
    return sqlite.insert(OUTBOX).values(**values).on_conflict_do_nothing(index_elements=["key"])


def _plain(action: Action) -> str:
    return ACTION.dump_json(action).decode("utf-8")


@contextmanager
def _recording(consequence: str) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__)
        raise ActuatorError(f"{consequence}: the outbox cannot be used ({reason}).") from error
