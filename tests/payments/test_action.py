import pytest
from pydantic import ValidationError

from payments.action import (
    ACTION,
    Action,
    ActionKind,
    AdjustRetryPolicy,
    Alert,
    NoAction,
    Suppress,
    touches_traffic,
)
from payments.plan import Plan
from payments.segment import Segment
from tests.payments.made import ALPHA, plan, reroute

ACTIONS: tuple[Action, ...] = (
    reroute(),
    AdjustRetryPolicy(scope=ALPHA, max_attempts=2, backoff_s=30.0),
    Suppress(scope=ALPHA),
    Alert(scope=ALPHA, message="Look."),
    NoAction(scope=ALPHA, reason="Fine."),
)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.kind.value)
def test_an_action_survives_json_as_its_own_kind(action: Action) -> None:
    assert ACTION.validate_json(ACTION.dump_json(action)) == action
    assert Plan.model_validate_json(plan(action).model_dump_json()) == plan(action)


def test_there_are_five_kinds_and_three_of_them_touch_traffic() -> None:
    assert {action.kind for action in ACTIONS} == set(ActionKind)
    touching = {action.kind for action in ACTIONS if touches_traffic(action)}
    assert touching == {ActionKind.REROUTE, ActionKind.RETRY_POLICY, ActionKind.SUPPRESS}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "refund", "scope": {}},
        {"kind": "suppress_failing_path", "scope": {}, "share": 0.5},
        {"kind": "suppress_failing_path"},
        {"kind": "adjust_retry_policy", "scope": {}, "max_attempts": 0, "backoff_s": 1},
        {"kind": "adjust_retry_policy", "scope": {}, "max_attempts": 1, "backoff_s": -1},
        {"kind": "adjust_retry_policy", "scope": {}, "max_attempts": 1, "backoff_s": float("inf")},
        {"kind": "adjust_retry_policy", "scope": {}, "max_attempts": 1, "backoff_s": 86_401},
        {"kind": "reroute_traffic", "scope": {}, "from_route": "a", "to": {"b": 1}, "share": 0.0},
        {"kind": "reroute_traffic", "scope": {}, "from_route": "a", "to": {"b": 1}, "share": 1e-300},
        {"kind": "reroute_traffic", "scope": {}, "from_route": "a", "to": {"b": 1}, "share": 0.0099},
        {"kind": "reroute_traffic", "scope": {}, "from_route": "a", "to": {"b": 1}, "share": 1.1},
        {"kind": "reroute_traffic", "scope": {}, "from_route": "a", "to": {"b": -0.1}, "share": 0.5},
        reroute().model_dump() | {"limits_per_s": {"beta": float("inf")}},
    ],
)
def test_an_action_out_of_bounds_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ACTION.validate_python(wrong)


def test_a_scope_may_be_all_payments() -> None:
    assert Suppress(scope=Segment({})).scope == Segment({})
