"""The outbox: one effect per key, wherever a process dies."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from payments.action import Suppress
from payments.errors import ActuatorError, OutcomeUnknownError
from payments.intent import Found
from payments.outcome import Receipt
from payments.segment import Segment
from tests.tools.actuator_contract import REROUTE
from tests.tools.receiver import NOW, Killed, Receiver, execute, outbox, states
from tools.database import open_database
from tools.outbox import Outbox


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
    (left,) = outbox(engine, receiver).unsettled()
    found = outbox(engine, receiver).reconcile(left.key)
    assert (found.key, found.found, found.action) == ("incident:1", Found.APPLIED, REROUTE)
    assert found.receipt == receiver.held["incident:1"]
    assert states(engine) == ["done"]
    assert outbox(engine, receiver).unsettled() == ()


def test_reconciling_sends_nothing_and_reports_what_was_not_carried_out(engine: Engine) -> None:
    receiver = Receiver(troubles=[Killed()])
    with pytest.raises(Killed):
        execute(outbox(engine, receiver))
    found = outbox(engine, receiver).reconcile("incident:1")
    assert found.found is Found.NOT_APPLIED
    assert (receiver.effects, states(engine)) == ([], ["intended"])


def test_an_actuator_that_does_not_answer_leaves_the_intent_open(engine: Engine) -> None:
    receiver = Receiver(lost_answers=[OutcomeUnknownError("timed out")])
    with pytest.raises(OutcomeUnknownError):
        execute(outbox(engine, receiver))
    receiver.deaf = True
    found = outbox(engine, receiver).reconcile("incident:1")
    assert (found.found, states(engine)) == (Found.UNKNOWN, ["unknown"])
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
    with pytest.raises(ActuatorError, match="holds nothing"):
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


SUPPRESS = Suppress(scope=Segment.of(psp="alpha"))


def step(box: Outbox, key: str = "incident:2", replaces: str = "incident:1") -> Receipt:
    return box.execute(key, "incident", SUPPRESS, 600.0, replaces)


def test_a_step_takes_the_place_of_the_one_before(engine: Engine) -> None:
    receiver = Receiver()
    box = outbox(engine, receiver)
    execute(box)
    first = step(box)
    assert step(box) == first
    assert (receiver.in_force, states(engine)) == (["incident:2"], ["replaced", "done"])
    assert [one.key for one in box.in_force()] == ["incident:2"]


def test_a_step_that_was_carried_out_before_the_process_died_is_found(engine: Engine) -> None:
    receiver = Receiver(lost_answers=[None, Killed()])
    box = outbox(engine, receiver)
    execute(box)
    with pytest.raises(Killed):
        step(box)
    found = outbox(engine, receiver).reconcile("incident:2")
    assert (found.found, found.replaces) == (Found.APPLIED, "incident:1")
    assert states(engine) == ["replaced", "done"]


def test_a_step_that_never_left_does_not_stand_in_the_way_of_the_next(engine: Engine) -> None:
    receiver = Receiver(troubles=[None, Killed()])
    box = outbox(engine, receiver)
    execute(box)
    with pytest.raises(Killed):
        step(box)
    step(box, box.next_key("incident"))
    assert receiver.in_force == ["incident:3"]
    late = receiver.apply
    with pytest.raises(ActuatorError, match="not in force"):
        late(SUPPRESS, "incident:2", 600.0, "incident:1")
    assert receiver.in_force == ["incident:3"]


@pytest.mark.parametrize("dies", ["before the call", "after it"])
def test_undoing_an_action_undoes_a_step_that_nobody_recorded(engine: Engine, dies: str) -> None:
    trouble: list[BaseException | None] = [None, Killed()]
    receiver = Receiver(troubles=trouble) if dies == "before the call" else Receiver(lost_answers=trouble)
    box = outbox(engine, receiver)
    execute(box)
    with pytest.raises(Killed):
        step(box)
    assert box.revert("incident:1", "harm").reverted
    assert receiver.in_force == []
    assert box.revert("incident:1", "harm").reverted


def test_an_undoing_that_was_cut_short_is_finished(engine: Engine) -> None:
    receiver = Receiver(troubles=[None, Killed()])
    box = outbox(engine, receiver)
    execute(box)
    with pytest.raises(Killed):
        box.revert("incident:1", "harm")
    (left,) = box.unsettled()
    assert box.reconcile(left.key).found is Found.UNDONE
    assert (receiver.in_force, states(engine)) == ([], ["reverted"])


def test_an_undoing_whose_answer_is_lost_stays_to_be_done(engine: Engine) -> None:
    receiver = Receiver(troubles=[None, OutcomeUnknownError("timed out"), OutcomeUnknownError("again")])
    box = outbox(engine, receiver)
    execute(box)
    with pytest.raises(OutcomeUnknownError):
        box.revert("incident:1", "harm")
    assert box.reconcile("incident:1").found is Found.UNKNOWN
    assert states(engine) == ["reverting"]
    assert box.reconcile("incident:1").found is Found.UNDONE


@pytest.mark.parametrize(("late_s", "state"), [(599.0, "intended"), (600.0, "failed")])
def test_what_is_not_held_is_given_up_when_it_would_be_over(
    engine: Engine, late_s: float, state: str
) -> None:
    receiver = Receiver(troubles=[Killed()])
    with pytest.raises(Killed):
        execute(outbox(engine, receiver))
    late = outbox(engine, receiver, NOW + timedelta(seconds=late_s))
    assert late.reconcile("incident:1").found is Found.NOT_APPLIED
    assert states(engine) == [state]


def test_what_may_still_be_on_its_way_is_not_given_up(engine: Engine) -> None:
    receiver = Receiver(troubles=[OutcomeUnknownError("timed out")])
    with pytest.raises(OutcomeUnknownError):
        outbox(engine, receiver).execute("incident:1", "incident", REROUTE, 60.0)
    outbox(engine, receiver, NOW + timedelta(seconds=299)).reconcile("incident:1")
    assert states(engine) == ["unknown"]
    outbox(engine, receiver, NOW + timedelta(seconds=300)).reconcile("incident:1")
    assert states(engine) == ["failed"]


def test_there_is_nothing_to_find_out_about_a_key_that_was_never_used(engine: Engine) -> None:
    with pytest.raises(ActuatorError, match="no intent"):
        outbox(engine, Receiver()).reconcile("incident:9")


def test_the_next_key_is_one_that_stands_for_nothing(engine: Engine) -> None:
    box = outbox(engine, Receiver())
    assert box.next_key("incident") == "incident:1"
    execute(box)
    assert box.next_key("incident") == "incident:2"
    assert box.next_key("another") == "another:1"


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
            outbox(engine, receiver).reconcile("incident:1")
    assert receiver.effects == ["incident:1"]
    assert states(engine) == ["done"]
    engine.dispose()
