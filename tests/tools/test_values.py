"""What single values of a file mean."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.window import latency_bin as bins
from tools.sources import values

READERS = [
    values.time_us, values.count, values.outcome, values.flag, values.attempt_number, values.optional_count,
    values.amount_minor, values.latency_bin, values.currency_number,
]  # fmt: skip

SIX = int(datetime(2020, 2, 14, 6, tzinfo=UTC).timestamp()) * 10**6


@pytest.mark.parametrize(
    "text",
    [
        "2020-02-14 06", "2020-02-14T06:00:00", "2020-02-14T06:00:00Z", "2020-02-14T11:30:00+05:30",
        "2020-02-14 06:00:00.000000000", "2020-02-14 06:00:00 UTC", "20200214T06", "1581660000",
        "1581660000.0",
        "1581660000000", " 1581660000 ", "1.58166e9",
    ],
)  # fmt: skip
def test_times_are_read_in_every_common_form(text: str) -> None:
    assert values.time_us(text) == SIX


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("2020", "is outside"),
        ("yesterday", "is no time"),
        ("2020-02-30", "is no time"),
        ("0", "is no time"),
        ("9999-01-01", "is outside"),
        ("9" * 400, "is outside"),
        ("nan", "is no time"),
    ],
)
def test_what_is_no_plausible_time_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why if text != "2020" else "is"):
        values.time_us(text)


@given(
    moment=st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - the zone comes below
    offset=st.integers(-14 * 60, 14 * 60),
)
def test_every_iso_time_is_read_to_the_microsecond(moment: datetime, offset: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    microseconds = (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert values.time_us(aware.isoformat()) == microseconds


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("-1", "is negative"), ("1.5", "is not whole"), ("nan", "is no number"), ("inf", "is no number"),
        ("1_000", "is no number"), ("1e12", "is too large"), ("", "is empty"), ("twelve", "is no number"),
        ("9" * 5000, "is no number"),
    ],
)  # fmt: skip
def test_what_is_no_count_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        values.count(text)


@pytest.mark.parametrize(("text", "number"), [("3", 3), ("3.0", 3), (" 3 ", 3), ("1e3", 1000), ("-0", 0)])
def test_counts_are_read_in_every_common_form(text: str, number: int) -> None:
    assert values.count(text) == number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", values.SUCCESS), ("TRUE", values.SUCCESS), ("Approved", values.SUCCESS),
        ("1.0", values.SUCCESS),
        ("0", values.FAILURE), ("declined", values.FAILURE), ("error", values.FAILURE),
        ("pending", values.PENDING), ("timeout", values.PENDING),
    ],
)  # fmt: skip
def test_outcomes_are_read_in_every_common_word(text: str, expected: int) -> None:
    assert values.outcome(text) == expected


@pytest.mark.parametrize("text", ["2", "maybe", "", "1.0.0"])
def test_an_unknown_outcome_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is"):
        values.outcome(text)


@given(milliseconds=st.floats(0, 1e6))
def test_a_latency_falls_into_the_bin_of_the_histogram(milliseconds: float) -> None:
    assert values.latency_bin(repr(milliseconds)) == int(bins(milliseconds))


@given(code=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3))
def test_a_currency_survives_being_a_number(code: str) -> None:
    assert values.currency_of(values.currency_number(code.lower())) == code


@given(text=st.text() | st.from_regex(r"[-+0-9eE.:T ]*", fullmatch=True))
def test_no_text_raises_anything_but_value_error(text: str) -> None:
    for read in READERS:
        try:
            assert read(text) >= -1
        except ValueError as error:
            assert str(error).startswith("is ")  # noqa: PT017 - which of the two happens depends on the text
