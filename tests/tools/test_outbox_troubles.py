"""The outbox when its database or the clock fails it, and when another receiver is reached than before."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from payments.action import Action, Suppress
from payments.errors import ActuatorError, OutcomeUnknownError
from payments.intent import Found
from payments.outcome import Receipt
from payments.segment import Segment
from tests.tools.actuator_contract import REROUTE
from tests.tools.receiver import NOW, Killed, Receiver, execute, outbox, states

IN_A_FILE = pytest.mark.parametrize("where", ["sqlite"], indirect=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let another connection hold the database as another process would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def full(engine: Engine) -> Iterator[None]:
    """Let the disk be full: the database may not grow by a single page."""

    def no_growth(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    event.listen(engine, "checkout", no_growth)
    yield
    event.remove(engine, "checkout", no_growth)
    engine.dispose()


def impatient(engine: Engine) -> Engine:
    """Wait for a lock as briefly as a test can."""

    def briefly(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA busy_timeout = 10")

    event.listen(engine, "checkout", briefly)
    return engine


def wide_action() -> Action:
    """Make an action that fits in no half-filled page."""
    return Suppress(scope=Segment({f"attribute {number}": "v" * 50 for number in range(200)}))


@IN_A_FILE
def test_a_locked_database_lets_nothing_be_carried_out(engine: Engine, tmp_path: Path) -> None:
    receiver = Receiver()
    box = outbox(impatient(engine), receiver)
    with locked(tmp_path / "payops.db"), pytest.raises(ActuatorError, match="locked"):
        execute(box)
    assert receiver.effects == []
    execute(box)
    assert (receiver.effects, states(engine)) == (["incident:1"], ["done"])


@IN_A_FILE
def test_a_database_that_is_locked_after_the_call_leaves_an_intent_to_be_reconciled(
    engine: Engine, tmp_path: Path
) -> None:
    stack = ExitStack()
    lock = stack.enter_context

    class Locking(Receiver):
        def apply(
            self, action: Action, key: str, expires_after_s: float, replaces: str | None = None
        ) -> Receipt:
            receipt = super().apply(action, key, expires_after_s, replaces)
            lock(locked(tmp_path / "payops.db"))
            return receipt

    receiver = Locking()
    box = outbox(impatient(engine), receiver)
    with stack, pytest.raises(OutcomeUnknownError, match="could not be recorded"):
        execute(box)
    assert states(engine) == ["intended"]
    assert box.reconcile("incident:1").found is Found.APPLIED
    assert (receiver.effects, states(engine)) == (["incident:1"], ["done"])


@IN_A_FILE
def test_a_full_disk_lets_nothing_be_carried_out(engine: Engine) -> None:
    receiver = Receiver()
    box = outbox(engine, receiver)
    with full(engine), pytest.raises(ActuatorError, match="full"):
        box.execute("incident:1", "incident", wide_action(), 600.0)
    assert receiver.effects == []
    box.execute("incident:1", "incident", wide_action(), 600.0)
    assert receiver.effects == ["incident:1"]


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_jumps_between_intent_and_answer_doubles_nothing(engine: Engine, hours: int) -> None:
    receiver = Receiver(lost_answers=[OutcomeUnknownError("timed out")])
    with pytest.raises(OutcomeUnknownError):
        execute(outbox(engine, receiver))
    after = outbox(engine, receiver, NOW + timedelta(hours=hours))
    assert after.reconcile("incident:1").found is Found.APPLIED
    execute(after)
    assert (receiver.effects, states(engine)) == (["incident:1"], ["done"])


def test_a_clock_set_back_does_not_give_up_what_may_still_be_carried_out(engine: Engine) -> None:
    receiver = Receiver(troubles=[Killed()])
    with pytest.raises(Killed):
        execute(outbox(engine, receiver))
    back = outbox(engine, receiver, NOW - timedelta(hours=1))
    assert back.reconcile("incident:1").found is Found.NOT_APPLIED
    execute(back)
    assert receiver.effects == ["incident:1"]


def test_another_receiver_than_then_is_asked_nothing_and_told_nothing(engine: Engine) -> None:
    execute(outbox(engine, Receiver(name="switch")))
    elsewhere = Receiver(name="shadow")
    with pytest.raises(ActuatorError, match="was sent to switch"):
        outbox(engine, elsewhere).revert("incident:1", "over")
    assert states(engine) == ["reverting"]
    found = outbox(engine, elsewhere).reconcile("incident:1")
    assert (found.found, elsewhere.held) == (Found.UNKNOWN, {})


def test_the_receiver_of_then_finishes_what_another_could_not_undo(engine: Engine) -> None:
    switch = Receiver(name="switch")
    execute(outbox(engine, switch))
    with pytest.raises(ActuatorError):
        outbox(engine, Receiver(name="shadow")).revert("incident:1", "over")
    assert outbox(engine, switch).reconcile("incident:1").found is Found.UNDONE
    assert (switch.in_force, states(engine)) == ([], ["reverted"])


def test_an_intent_without_result_is_not_called_undone_by_another_receiver(engine: Engine) -> None:
    with pytest.raises(Killed):
        execute(outbox(engine, Receiver(name="switch", lost_answers=[Killed()])))
    assert outbox(engine, Receiver(name="shadow")).reconcile("incident:1").found is Found.UNKNOWN
    assert states(engine) == ["intended"]


def test_nothing_takes_the_place_of_what_is_being_undone(engine: Engine) -> None:
    receiver = Receiver(troubles=[None, OutcomeUnknownError("timed out")])
    box = outbox(engine, receiver)
    execute(box)
    with pytest.raises(OutcomeUnknownError):
        box.revert("incident:1", "harm")
    with pytest.raises(ActuatorError, match="is being undone"):
        box.execute("incident:2", "incident", REROUTE, 600.0, replaces="incident:1")
    assert states(engine) == ["reverting"]
