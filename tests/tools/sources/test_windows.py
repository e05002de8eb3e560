"""Tables of counts become windows without a payment lost or made up, however strange the rows are."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.errors import BadMapping
from payments.window import LATENCY_BINS
from tools.sources import recording
from tools.sources.stream.reader import Stretch
from tools.sources.stream.rows import table_of
from tools.sources.stream.windows import Assembler

NAMES = ("tick", "d0", "d1", "code", "bin", "attempts", "successes", "pending", "payments", "unknown")
TICK = 5_000_000
STRETCH = Stretch(0, 4 * TICK, TICK)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
rows = st.lists(
    st.tuples(
        st.sampled_from([0, TICK, 2 * TICK, 3 * TICK]), texts, texts, texts,
        st.integers(-1, LATENCY_BINS - 1), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50),
        st.integers(0, 50), st.integers(0, 3),
    ),
    max_size=30,
)  # fmt: skip


def possible(row: tuple[int, ...]) -> bool:
    attempts, successes, pending, payments = row[5:9]
    return attempts > 0 and successes + pending <= attempts and payments <= attempts


@given(rows)
def test_every_possible_row_is_counted_in_its_increment_and_cell(rows: list[tuple[int, ...]]) -> None:
    windows = list(Assembler(("psp", "method")).windows(table_of(NAMES, rows), STRETCH))
    expected = Counter[tuple[int, str, str]]()
    for row in filter(possible, rows):
        expected[row[0], str(row[1]), str(row[2])] += row[5]
    counted = Counter[tuple[int, str, str]]()
    for place, window in enumerate(windows):
        for key, attempts in zip(window.cells.keys, window.attempts.tolist(), strict=True):
            counted[place * TICK, key[0], key[1]] += attempts
    assert +counted == +expected


@given(rows)
def test_latencies_and_codes_add_up(rows: list[tuple[int, ...]]) -> None:
    windows = list(Assembler(("psp", "method")).windows(table_of(NAMES, rows), STRETCH))
    timed = sum(row[5] for row in rows if possible(row) and row[4] >= 0)
    coded = sum(row[5] - row[6] - row[7] for row in rows if possible(row) and str(row[3]).strip())
    assert sum(int(w.latency.sum()) for w in windows if w.latency is not None) == timed
    assert sum(int(w.failures_by_code.sum()) for w in windows if w.failures_by_code is not None) == coded


def one(code: str = "", attempts: int = 2, unknown: int = 0) -> tuple[object, ...]:
    return (0, "a", "card", code, -1, attempts, 1, 0, 1, unknown)


def test_rows_that_cannot_be_are_left_out_and_said() -> None:
    assembler = Assembler(("psp", "method"))
    bad = (0, "a", "card", "", -1, 1, 2, 0, 1, 0)
    windows = list(assembler.windows(table_of(NAMES, [one(), bad]), STRETCH))
    assert windows[0].attempts.tolist() == [2]
    assert assembler.collect_notes() == (
        "1 rows have counts that cannot be, such as more successes than attempts, and are left out",
    )
    assert assembler.collect_notes() == ()


def test_outcomes_that_nobody_knows_are_said() -> None:
    assembler = Assembler(("psp", "method"))
    list(assembler.windows(table_of(NAMES, [one(unknown=3)]), STRETCH))
    assert assembler.collect_notes() == ("3 rows have an outcome that is no known word: they are left out",)


def test_codes_beyond_the_room_are_counted_as_failures_only() -> None:
    assembler = Assembler(("psp", "method"))
    rows = [one(f"c{number:04}") for number in range(300)]
    (window, *_) = assembler.windows(table_of(NAMES, rows), STRETCH)
    assert window.failures.tolist() == [300]
    assert len(window.codes) == 256
    assert "256 codes" in assembler.collect_notes()[0]


def test_more_cells_than_there_are_segments_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assembler = Assembler(("psp", "payment"))
    rows = [(0, "a", str(number), "", -1, 1, 1, 0, 1, 0) for number in range(recording.MOST_CELLS + 1)]
    with pytest.raises(
        BadMapping, match="200,000 cells; leave out the one with the most values of psp, payment"
    ):
        list(assembler.windows(table_of(NAMES, rows), STRETCH))


def test_values_of_many_attributes_make_one_cell_each() -> None:
    names = [f"attribute_{place}" for place in range(8)]  # 1,000 values of each are more than 64 bits hold
    columns = ("tick", *(f"d{place}" for place in range(8)), *NAMES[3:])
    rows = [
        (0, *[str((number * 7 + place) % 1_000) for place in range(8)], *one()[3:]) for number in range(1_000)
    ]
    (window, *_) = Assembler(tuple(names)).windows(table_of(columns, rows + rows[:1]), STRETCH)
    assert dict(zip(window.cells.keys, window.attempts.tolist(), strict=True)) == {
        row[1:9]: 4 if row == rows[0] else 2 for row in rows
    }


def test_without_attributes_all_payments_are_one_cell() -> None:
    columns = ("tick", *NAMES[3:])
    (window, *_) = Assembler(()).windows(table_of(columns, [(0, *one()[3:]), (0, *one("51")[3:])]), STRETCH)
    assert (window.cells.keys, window.attempts.tolist()) == (((),), [4])


def test_values_that_differ_only_where_they_are_cut_are_one_cell() -> None:
    rows = [(0, f"{'x' * 200}{end}", *one()[2:]) for end in "ab"]
    (window, *_) = Assembler(("psp", "method")).windows(table_of(NAMES, rows), STRETCH)
    assert (window.cells.keys, window.attempts.tolist()) == ((("x" * 200, "card"),), [4])


MONEY = (*NAMES, "amount", "currency")


def test_amounts_of_one_currency_are_added() -> None:
    rows = [(*one(), 100, "inr"), (*one("51"), 50, "INR")]
    (window, *_) = Assembler(("psp", "method")).windows(table_of(MONEY, rows), STRETCH)
    assert window.amount_minor is not None
    assert window.amount_minor.tolist() == [150]
    assert window.currency == "INR"


def test_amounts_of_two_currencies_are_left_out_and_said() -> None:
    assembler = Assembler(("psp", "method"))
    rows = [(*one(), 100, "INR"), (*one("51"), 50, "USD")]
    (window, *_) = assembler.windows(table_of(MONEY, rows), STRETCH)
    assert window.amount_minor is None
    assert assembler.collect_notes() == ("Amounts are left out: those of INR, USD cannot be added",)
