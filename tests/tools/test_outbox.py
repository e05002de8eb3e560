"""The outbox: one effect per key, wherever a process dies."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from payments.action import Action, Receipt, Suppress
from payments.errors import ActuatorError, OutcomeUnknownError
from payments.segment import Segment
from tests.tools.actuator_contract import REROUTE
from tools.database import open_database
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

    def apply(self, action: Action, key: str, expires_after_s: float) -> Receipt:
        raise_next(self.troubles)
        if key not in self.held:
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

    def look_up(self, key: str) -> Receipt | None:
        if self.deaf:
            raise ActuatorError("no answer")
        return self.held.get(key)


def raise_next(troubles: list[BaseException | None]) -> None:
    trouble = troubles.pop(0) if troubles else None
    if trouble is not None:
        raise trouble


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path / "payops.db")
    yield engine
    engine.dispose()


def outbox(engine: Engine, receiver: Receiver, now: datetime = NOW) -> Outbox:
    return Outbox(engine, receiver, lambda: now)


def execute(box: Outbox, key: str = "incident:1") -> Receipt:
    return box.execute(key, "incident", REROUTE, 600.0)


def states(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT state FROM outbox ORDER BY key")))


def test_an_action_is_carried_out_once_and_its_receipt_kept(engine: Engine) -> None:
    receiver = Receiver()
    first = execute(outbox(engine, receiver))
    assert execute(outbox(engine, Receiver())) == first
    assert receiver.effects == ["incident:1"]
    assert states(engine) == ["done"]


def test_a_process_that_died_before_the_call_lets_the_next_one_carry_it_out(engine: Engine) -> None:
    receiver = Receiver(troubles=[Killed()])
    with pytest.raises(Killed):
        execute(outbox(engine, receiver))
    assert states(engine) == ["intended"]
    execute(outbox(engine, receiver))
    assert receiver.effects == ["incident:1"]


def test_an_answer_that_was_lost_does_not_double_the_action(engine: Engine) -> None:
    receiver = Receiver(lost_answers=[OutcomeUnknownError("timed out")])
    with pytest.raises(OutcomeUnknownError):
        execute(outbox(engine, receiver))
    assert states(engine) == ["unknown"]
    receipt = execute(outbox(engine, receiver))
    assert receiver.effects == ["incident:1"]
    assert receipt == receiver.held["incident:1"]


def test_a_process_that_died_after_the_call_is_reconciled_at_the_next_start(engine: Engine) -> None:
    receiver = Receiver(lost_answers=[Killed()])
    with pytest.raises(Killed):
        execute(outbox(engine, receiver))
    (found,) = outbox(engine, receiver).reconcile()
    assert (found.key, found.found) == ("incident:1", "applied")
    assert states(engine) == ["done"]
    assert outbox(engine, receiver).reconcile() == ()


def test_reconciling_sends_nothing_and_reports_what_was_not_carried_out(engine: Engine) -> None:
    receiver = Receiver(troubles=[Killed()])
    with pytest.raises(Killed):
        execute(outbox(engine, receiver))
    (found,) = outbox(engine, receiver).reconcile()
    assert found.found == "not_applied"
    assert receiver.effects == []


def test_an_actuator_that_does_not_answer_leaves_the_intent_open(engine: Engine) -> None:
    receiver = Receiver(lost_answers=[OutcomeUnknownError("timed out")])
    with pytest.raises(OutcomeUnknownError):
        execute(outbox(engine, receiver))
    receiver.deaf = True
    (found,) = outbox(engine, receiver).reconcile()
    assert (found.found, states(engine)) == ("unknown", ["unknown"])
    with pytest.raises(OutcomeUnknownError, match="does not say what it holds"):
        execute(outbox(engine, receiver))
    assert receiver.effects == ["incident:1"]


def test_a_refusal_is_recorded_and_may_be_tried_again(engine: Engine) -> None:
    receiver = Receiver(troubles=[ActuatorError("no such route")])
    with pytest.raises(ActuatorError, match="no such route"):
        execute(outbox(engine, receiver))
    assert states(engine) == ["failed"]
    execute(outbox(engine, receiver))
    assert (receiver.effects, states(engine)) == (["incident:1"], ["done"])


def test_a_key_never_stands_for_two_actions(engine: Engine) -> None:
    receiver = Receiver()
    box = outbox(engine, receiver)
    execute(box)
    with pytest.raises(ActuatorError, match="stands for another action"):
        box.execute("incident:1", "incident", Suppress(scope=Segment.of(psp="alpha")), 600.0)
    assert receiver.effects == ["incident:1"]


@pytest.mark.parametrize(("late_s", "effects"), [(599.0, ["incident:1"]), (600.0, [])])
def test_an_intent_that_has_outlived_its_expiry_is_not_sent(
    engine: Engine, late_s: float, effects: list[str]
) -> None:
    receiver = Receiver(troubles=[Killed()])
    with pytest.raises(Killed):
        execute(outbox(engine, receiver))
    for _ in range(2):
        late = outbox(engine, receiver, NOW + timedelta(seconds=late_s))
        if effects:
            execute(late)
        else:
            with pytest.raises(ActuatorError, match="too late"):
                execute(late)
    assert receiver.effects == effects


def test_an_action_is_undone_once_and_why_is_kept(engine: Engine) -> None:
    receiver = Receiver()
    box = outbox(engine, receiver)
    execute(box)
    receipt = box.revert("incident:1", "the fault is over")
    assert receipt.reverted
    receiver.troubles = [Killed()]
    assert box.revert("incident:1", "again") == receipt
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT revert_because FROM outbox")) == "the fault is over"


def test_an_undoing_that_failed_is_tried_again(engine: Engine) -> None:
    receiver = Receiver(troubles=[None, ActuatorError("busy"), Killed()])
    box = outbox(engine, receiver)
    execute(box)
    with pytest.raises(ActuatorError, match="busy"):
        box.revert("incident:1", "harm")
    with pytest.raises(Killed):
        box.revert("incident:1", "harm")
    assert states(engine) == ["reverting"]
    assert box.revert("incident:1", "harm").reverted


def test_what_was_never_carried_out_cannot_be_undone(engine: Engine) -> None:
    with pytest.raises(ActuatorError, match="Nothing was ever carried out"):
        outbox(engine, Receiver()).revert("incident:1", "harm")


def test_an_action_taken_back_before_it_left_is_not_sent(engine: Engine) -> None:
    receiver = Receiver(troubles=[Killed()])
    box = outbox(engine, receiver)
    with pytest.raises(Killed):
        execute(box)
    with pytest.raises(ActuatorError, match="unknown key"):
        box.revert("incident:1", "rejected after all")
    with pytest.raises(ActuatorError, match="was taken back"):
        execute(box)
    assert receiver.effects == []


def test_without_a_database_nothing_is_carried_out(engine: Engine) -> None:
    receiver = Receiver()
    box = outbox(engine, receiver)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE outbox"))
    with pytest.raises(ActuatorError, match="Nothing was carried out"):
        execute(box)
    assert receiver.effects == []


TROUBLE = st.sampled_from([None, "refused", "unknown", "killed"])
_ERRORS = {"refused": ActuatorError, "unknown": OutcomeUnknownError, "killed": Killed}


@settings(max_examples=40)  # each of them writes to a disk, and waits for it
@given(
    before=st.lists(TROUBLE, max_size=5),
    after=st.lists(TROUBLE.filter(lambda one: one != "refused"), max_size=5),
)
def test_whatever_happens_on_the_way_the_action_has_one_effect(
    before: list[str | None], after: list[str | None], tmp_path_factory: pytest.TempPathFactory
) -> None:
    engine = open_database(tmp_path_factory.mktemp("outbox") / "payops.db")
    receiver = Receiver(
        troubles=[_ERRORS[one](one) if one else None for one in before],
        lost_answers=[_ERRORS[one](one) if one else None for one in after],
    )
    for _ in range(len(before) + len(after) + 1):
        try:
            execute(outbox(engine, receiver))
        except (ActuatorError, Killed):
            outbox(engine, receiver).reconcile()
    assert receiver.effects == ["incident:1"]
    assert states(engine) == ["done"]
    engine.dispose()
