import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from payments.action import (
    ACTION,
    Action,
    ActionKind,
    AdjustRetryPolicy,
    Alert,
    Check,
    NoAction,
    Plan,
    Route,
    Ruling,
    Suppress,
    Verdict,
    touches_traffic,
)
from payments.segment import Segment
from tests.payments.made import ALPHA, plan, reroute, route

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


def test_the_failed_checks_of_a_verdict_are_those_that_did_not_pass() -> None:
    good, bad = (Check(name=str(ok), passed=ok, sentence="So.", on_failure="ask") for ok in (True, False))
    verdict = Verdict(ruling=Ruling.ASK, risk="low", confidence=0.5, checks=(good, bad), sentence="Ask.")
    assert verdict.failed == (bad,)


def test_the_free_room_of_a_route_is_never_negative() -> None:
    assert route("a", capacity=100.0, load=50.0).free_per_s(0.95) == pytest.approx(45.0)
    assert route("a", capacity=100.0, load=120.0).free_per_s(1.0) == 0.0
    assert route("a", capacity=None).free_per_s(1.0) is None


@given(
    st.sets(st.sampled_from(("card", "upi", "wallet"))), st.sets(st.sampled_from(("card", "upi", "wallet")))
)
def test_a_route_carries_what_it_names_and_without_names_everything(
    carried: set[str], asked: set[str]
) -> None:
    expected = not carried or (bool(asked) and asked <= carried)
    assert route("a", methods=tuple(sorted(carried))).carries(asked) is expected


COUNTRIES = st.sets(st.sampled_from(("IN", "FR", "SG")))


@given(COUNTRIES, COUNTRIES)
def test_countries_are_asked_for_like_methods_and_only_where_somebody_asks(
    carried: set[str], asked: set[str]
) -> None:
    able = route("a").model_copy(update={"countries": tuple(sorted(carried))})
    assert able.carries(("upi",), asked) is (not carried or (bool(asked) and asked <= carried))
    assert able.carries(("upi",))


def test_a_currency_must_be_settled_where_it_is_known() -> None:
    euros = route("a").model_copy(update={"currencies": ("EUR",)})
    assert euros.carries((), currency="EUR")
    assert euros.carries((), currency=None)
    assert not euros.carries((), currency="INR")
    assert route("a").carries((), currency="INR")


SOURCE = route("s", methods=("card", "upi")).model_copy(update={"countries": ("FR", "IN")})
TARGET = route("t", methods=("upi",)).model_copy(update={"countries": ("IN",), "currencies": ("INR",)})


@pytest.mark.parametrize(
    ("scope", "source", "currency", "carried"),
    [
        (Segment.of(country="IN", method="upi", psp="s"), SOURCE, "INR", True),
        (Segment.of(country="IN", method="upi", psp="s"), SOURCE, "EUR", False),
        (Segment.of(country="IN", psp="s"), SOURCE, "INR", False),
        (Segment.of(method="upi", psp="s"), SOURCE, "INR", False),
        (Segment.of(country="IN", psp="s"), TARGET, "INR", True),
        (Segment.of(psp="unknown"), None, None, False),
    ],
)
def test_a_route_must_carry_what_the_scope_names_and_else_all_that_its_source_can(
    scope: Segment, source: Route | None, currency: str | None, *, carried: bool
) -> None:
    assert TARGET.carries_scope(scope, source, currency) is carried


@pytest.mark.parametrize("field", ["capacity_per_s", "load_per_s", "fee_bps"])
@pytest.mark.parametrize("value", [float("inf"), float("nan"), -1.0])
def test_a_route_has_finite_figures(field: str, value: float) -> None:
    with pytest.raises(ValidationError):
        Route.model_validate({**route("a").model_dump(), field: value})


def test_a_scope_may_be_all_payments() -> None:
    assert Suppress(scope=Segment({})).scope == Segment({})
