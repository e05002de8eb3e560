"""What the crew has changed at the Decision Engine, in the state database.

The engine keeps rules and which one is active, and nothing of why. What each action is, which actions each
rule of ours holds and what was in force before them is written down here before the engine hears of it.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Column, Connection, Engine, Float, MetaData, Table, delete, insert, or_, select, update

from payments.action import ACTION, Action
from payments.errors import ActuatorError
from tools.database import lasting
from tools.tables import TEXT, insert_once, make_missing, plain, reading, writing

_METADATA = MetaData()

_ACTIONS = Table(
    "engine_actions",
    _METADATA,
    Column("merchant", TEXT, primary_key=True),
    Column("key", TEXT, primary_key=True),
    Column("action", TEXT, nullable=False),
    Column("effective_at", TEXT, nullable=False),
    Column("expires_at", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("stage", TEXT, nullable=False),
)

_ARRANGEMENTS = Table(
    "engine_arrangements",
    _METADATA,
    Column("merchant", TEXT, primary_key=True),
    Column("mark", TEXT, primary_key=True),
    Column("keys", TEXT, nullable=False),
    Column("base_mark", TEXT, nullable=False),
    Column("base", TEXT, nullable=False),
)
"""What of ours was ever put in force, by how the engine knows it."""

_TURNS = Table(
    "engine_turns",
    _METADATA,
    Column("merchant", TEXT, primary_key=True),
    Column("owner", TEXT, nullable=False),
    Column("until_s", Float, nullable=False),
)

TURN_S: Final = 60.0
"""How long one process may take to change the routing; only one does at a time."""
WAIT_S: Final = 3.0
LOOK_EVERY_S: Final = 0.1


class Stage(StrEnum):
    """How far an action has come at the engine."""

    BEGUN = "begun"
    """On its way; in force if the engine says so."""
    APPLIED = "applied"
    ENDED = "ended"


@dataclass(frozen=True)
class Entry:
    """One action."""

    key: str
    action: Action
    effective_at: datetime
    expires_at: datetime
    kind: str
    """By what means it is carried out."""
    stage: Stage


@dataclass(frozen=True)
class Standing:
    """What is in force at the engine."""

    mark: str
    """How the engine knows it: the id of a rule, or the threshold."""
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Arrangement:
    """What the crew has put in force in place of what stood there before."""

    base: Standing
    keys: tuple[str, ...]
    """Of the actions in it, the first one first."""


@dataclass(frozen=True)
class Ledger:
    """Reads and writes the record of one merchant; every failure of the database is an ActuatorError."""

    engine: Engine
    merchant: str
    owner: str
    pause: Callable[[float], None] = time.sleep
    seconds: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        make_missing(self.engine, _METADATA, _unusable)

    @lasting
    def get(self, key: str) -> Entry | None:
        """Give an action."""
        query = select(_ACTIONS).where(_ACTIONS.c.merchant == self.merchant, _ACTIONS.c.key == plain(key))
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return Entry(
            key=key,
            action=ACTION.validate_python(json.loads(row.action)),
            effective_at=datetime.fromisoformat(row.effective_at),
            expires_at=datetime.fromisoformat(row.expires_at),
            kind=row.kind,
            stage=Stage(row.stage),
        )

    @lasting
    def begin(self, key: str, action: Action, kind: str, at: datetime, expires_after_s: float) -> None:
        """Write down an action before the engine hears of it, in place of a try that came to nothing."""
        row = {
            "merchant": self.merchant,
            "key": plain(key),
            "action": json.dumps(ACTION.dump_python(action, mode="json")),
            "effective_at": at.isoformat(),
            "expires_at": (at + timedelta(seconds=expires_after_s)).isoformat(),
            "kind": kind,
            "stage": Stage.BEGUN,
        }
        with self._writing() as connection:
            connection.execute(
                delete(_ACTIONS).where(_ACTIONS.c.merchant == self.merchant, _ACTIONS.c.key == plain(key))
            )
            connection.execute(insert(_ACTIONS).values(**row))

    @lasting
    def settle(self, applied: Sequence[str] = (), ended: Sequence[str] = ()) -> None:
        """Write down what came of actions, all or none."""
        with self._writing() as connection:
            for keys, stage in ((applied, Stage.APPLIED), (ended, Stage.ENDED)):
                mine = (
                    _ACTIONS.c.merchant == self.merchant,
                    _ACTIONS.c.key.in_([plain(key) for key in keys]),
                )
                connection.execute(update(_ACTIONS).where(*mine).values(stage=stage))

    @lasting
    def arrangement(self, mark: str) -> Arrangement | None:
        """Give what of ours the engine knows by a mark; None when that is not ours."""
        query = select(_ARRANGEMENTS).where(
            _ARRANGEMENTS.c.merchant == self.merchant, _ARRANGEMENTS.c.mark == plain(mark)
        )
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return Arrangement(Standing(row.base_mark, json.loads(row.base)), tuple(json.loads(row.keys)))

    @lasting
    def keep(self, mark: str, arrangement: Arrangement) -> None:
        """Write down what is about to be put in force; a threshold may have been in force before."""
        row = {
            "merchant": self.merchant,
            "mark": plain(mark),
            "keys": json.dumps(arrangement.keys),
            "base_mark": arrangement.base.mark,
            "base": json.dumps(arrangement.base.data),
        }
        with self._writing() as connection:
            mine = (_ARRANGEMENTS.c.merchant == self.merchant, _ARRANGEMENTS.c.mark == plain(mark))
            connection.execute(delete(_ARRANGEMENTS).where(*mine))
            connection.execute(insert(_ARRANGEMENTS).values(**row))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Let one process at a time change the routing of the merchant.

        Raises:
            ActuatorError: another does, for longer than can be waited.
        """
        waited_s = 0.0
        while not self._take():
            if waited_s >= WAIT_S:
                raise ActuatorError(
                    "Another process is changing the routing at the Decision Engine; nothing was changed."
                )
            self.pause(LOOK_EVERY_S)
            waited_s += LOOK_EVERY_S
        try:
            yield
        finally:
            # What was done in this turn stands either way; a turn that is not given back lapses by itself.
            with suppress(ActuatorError):
                self._give_back()

    def _take(self) -> bool:
        now_s = self.seconds()
        mine = {"owner": self.owner, "until_s": now_s + TURN_S}
        free = or_(_TURNS.c.until_s < now_s, _TURNS.c.until_s > now_s + 2 * TURN_S)
        with self._writing() as connection:
            new = {"merchant": self.merchant, **mine}
            if connection.execute(insert_once(self.engine, _TURNS, new)).rowcount == 1:
                return True
            change = update(_TURNS).where(_TURNS.c.merchant == self.merchant, free).values(**mine)
            return bool(connection.execute(change).rowcount == 1)

    def _give_back(self) -> None:
        with self._writing() as connection:
            mine = (_TURNS.c.merchant == self.merchant, _TURNS.c.owner == self.owner)
            connection.execute(delete(_TURNS).where(*mine))

    def _reading(self) -> AbstractContextManager[Connection]:
        return reading(self.engine, _unusable)

    def _writing(self) -> AbstractContextManager[Connection]:
        return writing(self.engine, _unusable)


def _unusable(reason: str) -> ActuatorError:
    return ActuatorError(f"The record of the Decision Engine cannot be used: {reason}.")
