"""The only way to the actuator: an intent on disk before, a result on disk after, one effect per key.

A process may die at any point. What it leaves is an intent without a result; whoever comes next asks the
actuator what it holds under the key before anything is sent again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from payments.action import ACTION, Action
from payments.errors import ActuatorError, OutcomeUnknownError
from payments.intent import Found, Reconciled, Unsettled
from payments.outcome import Receipt
from tools.intents import ENDED, UNSETTLED, IntentRow, Intents, State
from tools.ports import Actuator

LATE_AT_MOST_S = 300.0
"""No receiver may begin to carry out a request that is older: then what is not held will never be."""

TOO_LATE = "was to take the place of an action that is over, and was never carried out"


@dataclass(frozen=True)
class Outbox:
    """Carries out each action exactly once per key, whatever crashes."""

    engine: Engine
    actuator: Actuator
    clock: Callable[[], datetime]

    def __post_init__(self) -> None:
        self._intents.make_table()

    def execute(
        self,
        key: str,
        incident_id: str,
        action: Action,
        expires_after_s: float,
        replaces: str | None = None,
    ) -> Receipt:
        """Carry out an action, in place of another if its key is given, or give the receipt of when it was.

        Raises:
            ActuatorError: nothing was changed: the receiver refused, the key stands for another action, or an
                old intent has outlived its expiry.
            OutcomeUnknownError: it may have been changed.
        """
        intent = {
            "key": key,
            "incident_id": incident_id,
            "actuator": self.actuator.name,
            "action": _plain(action),
            "expires_after_s": expires_after_s,
            "replaces": replaces,
        }
        if replaces is not None:
            self._refuse_place_being_undone(replaces)
        is_new = self._intents.add(intent)
        row = self._intents.get(key)
        if row is None or (row.action, row.replaces) != (_plain(action), replaces):
            raise ActuatorError(f"The key {key!r} stands for another action; nothing was changed.")
        if row.receipt is not None:
            return Receipt.model_validate_json(row.receipt)
        if not is_new:
            held = self._held(row)
            if held is not None:
                return self._done(row, held)
            self._refuse_outlived(row)
        return self._apply(row, action)

    def revert(self, key: str, because: str) -> Receipt:
        """Undo an action and whatever took its place, oldest first; undoing twice is the same as once.

        Once the old one is undone, nothing can take its place any more, however late a request arrives.

        Raises:
            ActuatorError: nothing was ever carried out under the key, or the receiver could not undo it.
        """
        line = self._intents.line(key)
        if not line:
            raise ActuatorError(
                f"Nothing was ever carried out under the key {key!r}, so nothing can be undone."
            )
        live = [row for row in line if row.state not in ENDED]
        undone = [Receipt.model_validate_json(row.receipt) for row in line if row.state == State.REVERTED]
        self._intents.change(*(row.key for row in live), state=State.REVERTING, revert_because=because)
        undone += [receipt for row in live if (receipt := self._undo(row)) is not None]
        if not undone:
            raise ActuatorError(
                f"{self.actuator.name} holds nothing under {key!r}, so nothing can be undone."
            )
        return undone[-1]

    def undone_because(self, key: str) -> str | None:
        """Say why an action was undone; None when it was not, as far as is on record."""
        row = self._intents.get(key)
        return row.revert_because if row is not None and row.state == State.REVERTED else None

    def next_key(self, incident_id: str) -> str:
        """Give the first key of an incident that stands for nothing yet."""
        return f"{incident_id}:{self._intents.count(incident_id) + 1}"

    def unsettled(self) -> tuple[Unsettled, ...]:
        """Give what was to be done or undone and has no result, oldest first."""
        return tuple(
            Unsettled(key=row.key, incident_id=row.incident_id) for row in self._intents.in_state(*UNSETTLED)
        )

    def in_force(self) -> tuple[Reconciled, ...]:
        """Give what was carried out and not undone, as far as is on record; nobody is asked."""
        return tuple(
            _reconciled(
                row,
                Found.APPLIED,
                f"{row.actuator} has carried out {row.key!r}.",
                Receipt.model_validate_json(row.receipt),
            )
            for row in self._intents.in_state(State.DONE)
        )

    def reconcile(self, key: str) -> Reconciled:
        """Ask the actuator what became of an intent, and finish an undoing that was cut short.

        Nothing is carried out: what was not applied is left to whoever runs its incident on.

        Raises:
            ActuatorError: there is no such intent, or the database cannot be used.
        """
        row = self._intents.get(key)
        if row is None:
            raise ActuatorError(f"There is no intent {key!r} to ask about.")
        try:
            held = self._undo(row) if row.state == State.REVERTING else self._held(row)
        except ActuatorError as error:
            return _reconciled(row, Found.UNKNOWN, str(error))
        if held is None:
            return self._not_applied(row)
        at = held.effective_at.isoformat()
        if held.reverted:
            self._intents.change(key, state=State.REVERTED, receipt=held.model_dump_json(), error=None)
            return _reconciled(row, Found.UNDONE, f"{held.actuator} has undone {key!r} of {at}.", held)
        self._done(row, held)
        return _reconciled(row, Found.APPLIED, f"{held.actuator} has carried out {key!r}, at {at}.", held)

    @property
    def _intents(self) -> Intents:
        return Intents(self.engine, self.clock)

    def _not_applied(self, row: IntentRow) -> Reconciled:
        sentence = f"{self.actuator.name} holds nothing under {row.key!r}; it was not carried out."
        over = _over(row, at_least_s=LATE_AT_MOST_S)
        if self.clock() >= over:
            because = f"was to end by {over.isoformat()} and was never carried out"
            self._intents.change(row.key, state=State.FAILED, error=because)
        elif self._is_too_late(row):
            self._intents.change(row.key, state=State.FAILED, error=TOO_LATE)
        return _reconciled(row, Found.NOT_APPLIED, sentence)

    def _is_too_late(self, row: IntentRow) -> bool:
        """Say whether what it was to replace is over: then the receiver refuses it, however late it comes."""
        before = self._intents.get(row.replaces) if row.replaces is not None else None
        return before is not None and before.state in ENDED

    def _apply(self, row: IntentRow, action: Action) -> Receipt:
        with self._errors_kept(row.key, failed=State.FAILED):
            receipt = self.actuator.apply(action, row.key, row.expires_after_s, row.replaces)
        return self._done(row, receipt)

    def _undo(self, row: IntentRow) -> Receipt | None:
        """Undo one action that is marked so; None when the receiver holds nothing."""
        with self._errors_kept(row.key, failed=State.REVERTING):
            self._refuse_stranger(row)
            if row.receipt is None and self._held(row) is None:
                self._not_applied(row)
                return None
            receipt = self.actuator.revert(row.key)
        self._intents.change(row.key, state=State.REVERTED, receipt=receipt.model_dump_json(), error=None)
        return receipt

    def _held(self, row: IntentRow) -> Receipt | None:
        self._refuse_stranger(row)
        try:
            return self.actuator.look_up(row.key)
        except ActuatorError as error:
            msg = f"{self.actuator.name} does not say what it holds under {row.key!r}: {error}"
            raise OutcomeUnknownError(msg) from error

    def _refuse_stranger(self, row: IntentRow) -> None:
        """Ask nobody but the receiver that an action was meant for: another knows nothing about it."""
        if row.actuator != self.actuator.name:
            msg = (
                f"The action {row.key!r} was sent to {row.actuator}, and this process reaches "
                f"{self.actuator.name}: start it with the mode and actuator of then, or undo it there."
            )
            raise OutcomeUnknownError(msg)

    def _refuse_place_being_undone(self, key: str) -> None:
        before = self._intents.get(key)
        if before is not None and before.state == State.REVERTING:
            raise ActuatorError(f"The action {key!r} is being undone: nothing may take its place.")

    def _refuse_outlived(self, row: IntentRow) -> None:
        """Do not send an action late that would be over by now, nor one that was taken back."""
        over = _over(row)
        if row.revert_because is not None:
            because = f"was taken back before it was carried out: {row.revert_because}"
        elif self.clock() >= over:
            because = f"was to end at {over.isoformat()} and was never carried out; it is too late now"
        else:
            return
        raise ActuatorError(f"The action {row.key!r} {because}.")

    def _done(self, row: IntentRow, receipt: Receipt) -> Receipt:
        done = {row.key: {"state": State.DONE, "receipt": receipt.model_dump_json(), "error": None}}
        try:
            self._intents.change_each({**self._ended_by(row), **done})
        except ActuatorError as error:
            raise OutcomeUnknownError(
                f"{row.key!r} was carried out, but this could not be recorded: {error}"
            ) from error
        return receipt

    def _ended_by(self, row: IntentRow) -> dict[str, dict[str, str | None]]:
        """Give what an action ends by taking the place of another: that one, and rivals for its place."""
        if row.replaces is None:
            return {}
        rivals = [one for one in self._intents.line(row.replaces)[1:] if one.replaces == row.replaces]
        changes: dict[str, dict[str, str | None]] = {row.replaces: {"state": State.REPLACED}}
        for one in rivals:
            if one.key != row.key and one.state in UNSETTLED:
                changes[one.key] = {"state": State.FAILED, "error": TOO_LATE}
        return changes

    @contextmanager
    def _errors_kept(self, key: str, failed: State) -> Iterator[None]:
        """Record what the receiver refused, and let the caller know."""
        try:
            yield
        except ActuatorError as error:
            is_unknown = isinstance(error, OutcomeUnknownError) and failed is State.FAILED
            # A database that fails now must not hide what the receiver said; the intent stands either way.
            with suppress(ActuatorError):
                self._intents.change(key, state=State.UNKNOWN if is_unknown else failed, error=str(error))
            raise


def _over(row: IntentRow, at_least_s: float = 0.0) -> datetime:
    """Give the instant from which an intent may not be carried out any more."""
    seconds = max(row.expires_after_s, at_least_s)
    return datetime.fromisoformat(row.intended_at) + timedelta(seconds=seconds)


def _reconciled(row: IntentRow, found: Found, sentence: str, held: Receipt | None = None) -> Reconciled:
    return Reconciled(
        key=row.key,
        incident_id=row.incident_id,
        action=ACTION.validate_json(row.action),
        replaces=row.replaces,
        found=found,
        sentence=sentence,
        receipt=held,
    )


def _plain(action: Action) -> str:
    return ACTION.dump_json(action).decode("utf-8")
