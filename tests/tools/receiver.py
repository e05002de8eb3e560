"""A receiver in memory, and an outbox that reaches it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

from payments.action import Action
from payments.errors import ActuatorError
from payments.outcome import Receipt
from tests.tools.actuator_contract import REROUTE
from tools.outbox import Outbox

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Killed(BaseException):
    """The process dies here: nothing of ours may catch it."""


@dataclass
class Receiver:
    """An actuator in memory that keeps the contract, and fails or dies as it is told."""

    troubles: list[BaseException | None] = field(default_factory=list)
    """What happens at each call of apply, before it is carried out; None is nothing."""
    lost_answers: list[BaseException | None] = field(default_factory=list)
    """What happens at each call of apply, after it is carried out."""
    deaf: bool = False
    held: dict[str, Receipt] = field(default_factory=dict)
    effects: list[str] = field(default_factory=list)
    name: str = "receiver"
    changes_traffic: bool = True

    def apply(self, action: Action, key: str, expires_after_s: float, replaces: str | None = None) -> Receipt:
        raise_next(self.troubles)
        if key not in self.held:
            if replaces is not None:
                self._end(replaces)
            self.effects.append(key)
            expires_at = NOW + timedelta(seconds=expires_after_s)
            self.held[key] = Receipt(key=key, actuator=self.name, effective_at=NOW, expires_at=expires_at)
        raise_next(self.lost_answers)
        return self.held[key]

    def revert(self, key: str) -> Receipt:
        raise_next(self.troubles)
        if key not in self.held:
            msg = f"unknown key {key!r}"
            raise ActuatorError(msg)
        self.held[key] = self.held[key].model_copy(update={"reverted": True})
        return self.held[key]

    def _end(self, key: str) -> None:
        if key not in self.in_force:
            raise ActuatorError(f"{key!r} is not in force")
        self.held[key] = self.held[key].model_copy(update={"reverted": True})

    @property
    def in_force(self) -> list[str]:
        return [key for key, receipt in self.held.items() if not receipt.reverted]

    def look_up(self, key: str) -> Receipt | None:
        if self.deaf:
            raise ActuatorError("no answer")
        return self.held.get(key)


def raise_next(troubles: list[BaseException | None]) -> None:
    trouble = troubles.pop(0) if troubles else None
    if trouble is not None:
        raise trouble


def outbox(engine: Engine, receiver: Receiver, now: datetime = NOW) -> Outbox:
    return Outbox(engine, receiver, lambda: now)


def execute(box: Outbox, key: str = "incident:1") -> Receipt:
    return box.execute(key, "incident", REROUTE, 600.0)


def states(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT state FROM outbox ORDER BY key")))
