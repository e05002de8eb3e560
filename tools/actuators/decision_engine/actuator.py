"""Implements `Actuator` with the Decision Engine's routing rules."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from payments.action import Action
from payments.errors import ActuatorError, OutcomeUnknownError
from payments.outcome import Receipt
from tools.actuators.decision_engine.api import EngineApi
from tools.actuators.decision_engine.ledger import Arrangement, Entry, Ledger, Stage, Standing
from tools.actuators.decision_engine.means import Elimination, Means, Rules
from tools.actuators.decision_engine.program import Json


@dataclass(frozen=True)
class DecisionEngineActuator:
    """Lays each action over the merchant's active rule, and takes it off by activating the old rule again.

    What is in force is what the engine says: the active rule, looked up in the record of what each rule of
    ours holds. Somebody who activates another rule has ended every action of ours, and is left alone.
    """

    api: EngineApi
    ledger: Ledger
    clock: Callable[[], datetime]
    """The wall clock. The engine knows no expiry: a watch undoes what is past its own."""
    name: str = "decision_engine"
    changes_traffic: bool = True

    def apply(self, action: Action, key: str, expires_after_s: float, replaces: str | None = None) -> Receipt:
        """Carry out an action once per key.

        Raises:
            ActuatorError: nothing was changed; also when a rule cannot say the action.
            OutcomeUnknownError: it may have been changed.
        """
        with self.ledger.turn():
            held = self.look_up(key)
            if held is not None:
                return held
            means, now = self._means()
            before = self._arrangement(now)
            kept = self._in_time(before.keys)
            if replaces is not None and replaces not in kept:
                msg = f"Nothing is in force under the key {replaces!r}, so nothing can take its place."
                raise ActuatorError(msg)
            others, data = self._laid(means, before.base, [one for one in kept if one != replaces])
            data = means.laid(data, action)
            seen = self.ledger.get(key) is not None
            # Written down before the engine hears of it: from here on a second try looks for what there is.
            self.ledger.begin(key, action, means.kind, self.clock(), expires_after_s)
            made = means.made(data, key, before.base, seen=seen)
            self.ledger.keep(made.mark, Arrangement(before.base, (*others, key)))
            self._switch(means, now, made, action)
            return self._settled(key, _without(before.keys, others))

    def revert(self, key: str) -> Receipt:
        """Undo an action; what else of ours is in force stays.

        Raises:
            ActuatorError: the key is unknown, or the engine could not be told.
            OutcomeUnknownError: it may have been undone.
        """
        with self.ledger.turn():
            entry = self.ledger.get(key)
            if entry is None:
                raise ActuatorError(
                    f"Nothing was carried out under the key {key!r}, so nothing can be undone."
                )
            means = self._means_of(entry)
            before = self._arrangement(means.now()) if entry.stage is not Stage.ENDED else None
            if before is not None and key in before.keys:
                self._take_off(key, means, before)
            self.ledger.settle(ended=[key])
            return self._receipt(key)

    def look_up(self, key: str) -> Receipt | None:
        """Give the receipt held under a key.

        Raises:
            ActuatorError: the engine does not say.
        """
        entry = self.ledger.get(key)
        if entry is None:
            return None
        if entry.stage is not Stage.ENDED:
            if key in self._arrangement(self._means_of(entry).now()).keys:
                self.ledger.settle(applied=[key])
            elif entry.stage is Stage.APPLIED:
                self.ledger.settle(ended=[key])
            else:
                return None
        return self._receipt(key)

    def _means(self) -> tuple[Means, Standing]:
        """Choose the active rule where there is one, else the success rates that payments follow then."""
        for means in (Rules(self.api), Elimination(self.api)):
            now = means.now()
            if now is not None:
                return means, now
        raise ActuatorError("The Decision Engine has neither a rule nor a threshold for this merchant.")

    def _means_of(self, entry: Entry) -> Means:
        return Rules(self.api) if entry.kind == Rules.kind else Elimination(self.api)

    def _arrangement(self, now: Standing | None) -> Arrangement:
        """Give what of ours is in force; a rule of ours that somebody has brought back is theirs."""
        if now is None:
            return Arrangement(Standing("", {}), ())
        ours = self.ledger.arrangement(now.mark)
        if ours is None or any(self._stage(key) is Stage.ENDED for key in ours.keys):
            return Arrangement(now, ())
        return ours

    def _laid(self, means: Means, base: Standing, keys: Sequence[str]) -> tuple[tuple[str, ...], Json]:
        """Lay actions over what stood there before; one that changes nothing by itself is left out."""
        laid, data = list[str](), base.data
        for key in keys:
            entry = self.ledger.get(key)
            try:
                data = means.laid(data, entry.action) if entry is not None else data
            except ActuatorError:
                continue
            laid.append(key)
        return tuple(laid), data

    def _switch(self, means: Means, now: Standing, made: Standing, action: Action) -> None:
        """Put something in force if the engine does as it says, before and after; else go back."""
        means.check(now, action)
        means.put(made)
        try:
            means.check(made, action)
        except ActuatorError as error:
            try:
                means.put(now)
            except ActuatorError as worse:
                raise OutcomeUnknownError(f"{error} It could not be taken back: {worse}") from worse
            raise ActuatorError(f"{error} What was active before is active again.") from error

    def _settled(self, key: str, ended: Sequence[str]) -> Receipt:
        """Write down what was done, and give the receipt."""
        try:
            self.ledger.settle(applied=[key], ended=ended)
            return self._receipt(key)
        except ActuatorError as error:
            msg = f"{key!r} was carried out, but this could not be written down: {error}"
            raise OutcomeUnknownError(msg) from error

    def _take_off(self, key: str, means: Means, before: Arrangement) -> None:
        """Put in force what is left without an action: the old rule itself where nothing of ours is."""
        left, data = self._laid(means, before.base, [one for one in self._in_time(before.keys) if one != key])
        target = before.base
        if left:
            target = means.made(data, f"{key} undone", before.base, seen=False)
            self.ledger.keep(target.mark, Arrangement(before.base, left))
        means.put(target)
        self.ledger.settle(ended=_without(before.keys, left))

    def _in_time(self, keys: Sequence[str]) -> list[str]:
        """Leave out what is past its expiry."""
        now = self.clock()
        entries = [entry for key in keys if (entry := self.ledger.get(key)) is not None]
        return [entry.key for entry in entries if entry.expires_at > now]

    def _stage(self, key: str) -> Stage | None:
        entry = self.ledger.get(key)
        return None if entry is None else entry.stage

    def _receipt(self, key: str) -> Receipt:
        entry = self.ledger.get(key)
        if entry is None:
            raise OutcomeUnknownError(f"The record of {key!r} is gone from the state database.")
        return Receipt(
            key=entry.key,
            actuator=self.name,
            effective_at=entry.effective_at,
            expires_at=entry.expires_at,
            reverted=entry.stage is Stage.ENDED,
        )


def _without(keys: Collection[str], kept: Collection[str]) -> list[str]:
    return [key for key in keys if key not in kept]
