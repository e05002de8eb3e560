"""What every actuator must do, whatever stands behind it.

Another room's tests call `check(make)` with their own factory, or each of CONTRACT for one test a clause.
A factory gives a new actuator that holds nothing.
"""

from collections.abc import Callable, Sequence

import pytest

from payments.action import Action, AdjustRetryPolicy, Reroute, Suppress
from payments.errors import ActuatorError
from payments.segment import Segment
from tools.ports import Actuator

Make = Callable[[], Actuator]

REROUTE = Reroute(scope=Segment.of(psp="alpha"), from_route="alpha", to={"beta": 1.0}, share=0.5)
SUPPRESS = Suppress(scope=Segment.of(psp="alpha"))
RETRIES = AdjustRetryPolicy(scope=Segment.of(psp="alpha"), max_attempts=2, backoff_s=30.0)
ACTIONS: Sequence[Action] = (REROUTE, SUPPRESS, RETRIES)


def a_receipt_names_key_actuator_and_expiry(make: Make) -> None:
    actions: Sequence[Action] = (REROUTE, SUPPRESS)
    for number, action in enumerate(actions):
        is_carried_out(action, f"key:{number}", make())


def a_retry_policy_is_carried_out(make: Make) -> None:
    """A switch that only chooses routes cannot, and must refuse it."""
    is_carried_out(RETRIES, "key", make())


def is_carried_out(action: Action, key: str, actuator: Actuator) -> None:
    receipt = actuator.apply(action, key, 600.0)
    assert receipt.key == key
    assert receipt.actuator == actuator.name
    assert (receipt.expires_at - receipt.effective_at).total_seconds() == pytest.approx(600.0)
    assert not receipt.reverted


def the_same_key_again_gives_the_first_receipt(make: Make) -> None:
    actuator = make()
    first = actuator.apply(REROUTE, "key", 600.0)
    assert actuator.apply(REROUTE, "key", 900.0) == first


def different_keys_are_different_actions(make: Make) -> None:
    actuator = make()
    actuator.apply(REROUTE, "one", 600.0)
    actuator.apply(SUPPRESS, "two", 600.0)
    actuator.revert("one")
    held = actuator.look_up("two")
    assert held is not None
    assert not held.reverted


def look_up_gives_what_was_applied_and_nothing_else(make: Make) -> None:
    actuator = make()
    assert actuator.look_up("key") is None
    receipt = actuator.apply(REROUTE, "key", 600.0)
    assert actuator.look_up("key") == receipt
    assert actuator.look_up("another") is None


def undoing_twice_is_the_same_as_once(make: Make) -> None:
    actuator = make()
    actuator.apply(REROUTE, "key", 600.0)
    first = actuator.revert("key")
    assert first.reverted
    assert actuator.revert("key") == first
    assert actuator.look_up("key") == first


def what_was_undone_is_not_applied_again_under_its_key(make: Make) -> None:
    actuator = make()
    actuator.apply(REROUTE, "key", 600.0)
    actuator.revert("key")
    assert actuator.apply(REROUTE, "key", 600.0).reverted


def undoing_an_unknown_key_is_refused(make: Make) -> None:
    with pytest.raises(ActuatorError):
        make().revert("never applied")


def what_takes_the_place_of_another_ends_it(make: Make) -> None:
    actuator = make()
    actuator.apply(REROUTE, "one", 600.0)
    second = actuator.apply(SUPPRESS, "two", 600.0, replaces="one")
    first = actuator.look_up("one")
    assert first is not None
    assert first.reverted
    assert actuator.look_up("two") == second
    assert not second.reverted


def a_replacement_asked_for_twice_gives_the_first_receipt(make: Make) -> None:
    actuator = make()
    actuator.apply(REROUTE, "one", 600.0)
    second = actuator.apply(REROUTE, "two", 600.0, replaces="one")
    assert actuator.apply(REROUTE, "two", 600.0, replaces="one") == second


def only_what_is_in_force_can_be_replaced(make: Make) -> None:
    actuator = make()
    actuator.apply(REROUTE, "undone", 600.0)
    actuator.revert("undone")
    for gone in ("undone", "never applied"):
        with pytest.raises(ActuatorError):
            actuator.apply(REROUTE, f"after {gone}", 600.0, replaces=gone)
        assert actuator.look_up(f"after {gone}") is None


def undoing_a_replacement_does_not_bring_the_old_one_back(make: Make) -> None:
    actuator = make()
    actuator.apply(REROUTE, "one", 600.0)
    actuator.apply(REROUTE, "two", 600.0, replaces="one")
    actuator.revert("two")
    first = actuator.look_up("one")
    assert first is not None
    assert first.reverted


def of_two_that_would_replace_the_same_one_does(make: Make) -> None:
    actuator = make()
    actuator.apply(REROUTE, "one", 600.0)
    actuator.apply(SUPPRESS, "two", 600.0, "one")
    with pytest.raises(ActuatorError):
        actuator.apply(SUPPRESS, "three", 600.0, "one")
    assert actuator.look_up("three") is None
    assert not is_undone(actuator, "two")


def is_undone(actuator: Actuator, key: str) -> bool:
    held = actuator.look_up(key)
    return held is not None and held.reverted


CONTRACT: Sequence[Callable[[Make], None]] = (
    a_receipt_names_key_actuator_and_expiry,
    a_retry_policy_is_carried_out,
    the_same_key_again_gives_the_first_receipt,
    different_keys_are_different_actions,
    look_up_gives_what_was_applied_and_nothing_else,
    undoing_twice_is_the_same_as_once,
    what_was_undone_is_not_applied_again_under_its_key,
    undoing_an_unknown_key_is_refused,
    what_takes_the_place_of_another_ends_it,
    a_replacement_asked_for_twice_gives_the_first_receipt,
    only_what_is_in_force_can_be_replaced,
    undoing_a_replacement_does_not_bring_the_old_one_back,
    of_two_that_would_replace_the_same_one_does,
)


def check(make: Make) -> None:
    """Hold an actuator to the whole contract."""
    for clause in CONTRACT:
        clause(make)
