from hypothesis import given
from hypothesis import strategies as st

from payments.tally import Tally

COUNTS = st.integers(0, 10**9)


TALLIES = st.builds(
    Tally,
    attempts=COUNTS,
    failures=COUNTS,
    pending=COUNTS,
    expected_attempts=COUNTS.map(float),
    expected_failures=COUNTS.map(float),
    expected_pending=COUNTS.map(float),
    payments=st.none() | COUNTS,
    ticks=st.integers(1, 10**9),
)


@given(TALLIES, TALLIES, TALLIES)
def test_tallies_add_in_any_order(one: Tally, two: Tally, three: Tally) -> None:
    assert one + two == two + one
    assert (one + two) + three == one + (two + three)


@given(TALLIES)
def test_a_tally_of_no_ticks_adds_nothing(tally: Tally) -> None:
    assert tally + Tally() == Tally() + tally == tally


def test_unique_payments_are_unknown_as_soon_as_one_part_is() -> None:
    assert (Tally(payments=3, ticks=1) + Tally(payments=4, ticks=1)).payments == 7
    assert (Tally(payments=3, ticks=1) + Tally(ticks=1)).payments is None


@given(TALLIES)
def test_the_success_rate_is_a_fraction(tally: Tally) -> None:
    rate = tally.success_rate
    assert (rate is None) == (tally.attempts == 0)
    assert rate is None or 0.0 <= rate <= 1.0


def test_the_success_rate_counts_neither_failures_nor_unknown_outcomes() -> None:
    assert Tally(attempts=10, failures=3, pending=2).success_rate == 0.5
