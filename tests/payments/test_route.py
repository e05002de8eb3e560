import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from payments.route import Route
from payments.segment import Segment
from tests.payments.made import route


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
