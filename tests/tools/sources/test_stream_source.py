"""A live source: each increment once, in order, whatever is late, twice, or away for an hour."""

from datetime import timedelta

import pytest

from tests.tools.sources.feeding import NOON, PACE, Clock, Kept, Memory, following, steady
from tools.sources.stream.pace import LAST_RETRY_S, Pace
from tools.sources.stream.source import StreamSource


def attempts(source: StreamSource, windows: int) -> list[int]:
    read = [source.read() for _ in range(windows)]
    return [int(window.attempts.sum()) for window in read if window is not None]


def test_an_increment_is_read_once_it_is_settled_and_not_before() -> None:
    clock, memory = Clock(), Memory(steady(NOON - timedelta(seconds=60), 120))
    source = following(memory, clock)
    window = source.read()
    assert window is not None
    assert clock.now >= window.end + timedelta(seconds=PACE.delay_s)
    assert attempts(source, 5) == [5, 5, 5, 5, 5]


def test_waiting_is_told_in_seconds_and_asks_nothing() -> None:
    clock, memory = Clock(), Memory(steady(NOON - timedelta(seconds=60), 60))
    source = following(memory, clock)
    assert source.wait_s() == pytest.approx(5.0)
    assert memory.asked == 0


def test_an_hour_of_outage_loses_nothing_and_is_one_outage() -> None:
    clock, memory = Clock(), Memory(steady(NOON - timedelta(seconds=60), 8_000))
    source = following(memory, clock)
    before = attempts(source, 3)
    memory.down = "Prometheus cannot be reached."
    outages, hour = set(), clock.now + timedelta(hours=1)
    while clock.now < hour:
        clock.sleep(max(0.5, source.wait_s()))
        outages.add(source.outage.since)
    assert len(outages - {None}) == 1
    memory.down = ""
    clock.sleep(LAST_RETRY_S)
    after = attempts(source, 740)
    assert before + after == [5] * 743
    assert any("is back after 1:00" in note for note in source.collect_notes())


def test_a_source_that_is_down_is_asked_less_and_less_often() -> None:
    clock, memory = Clock(), Memory(down="no")
    source = following(memory, clock)
    source.wait_s()
    clock.sleep(10)
    waits = []
    for _ in range(8):
        waits.append(source.wait_s())
        clock.sleep(waits[-1])
    assert waits[:3] == [1.0, 2.0, 4.0]
    assert max(waits) == LAST_RETRY_S


def test_what_is_older_than_the_limit_is_left_out_and_said() -> None:
    clock, memory = Clock(), Memory(steady(NOON - timedelta(seconds=60), 30_000), down="no")
    source = following(memory, clock)
    source.wait_s()
    clock.sleep(3 * 3_600)
    source.wait_s()
    memory.down = ""
    clock.sleep(LAST_RETRY_S)
    window = source.read()
    assert window is not None
    assert clock.now - window.start <= timedelta(seconds=PACE.catch_up_s + PACE.delay_s + PACE.tick_s)
    assert any("were not read: SOURCE_CATCH_UP_SEC is 7200" in note for note in source.collect_notes())


def test_a_new_watch_goes_on_with_the_increment_that_the_last_one_was_at() -> None:
    clock, memory, kept = Clock(), Memory(steady(NOON - timedelta(seconds=60), 2_000)), Kept()
    first = following(memory, clock, kept)
    last = [first.read() for _ in range(4)][-1]
    clock.sleep(600)
    second = following(memory, clock, kept)
    again = second.read()
    assert last is not None
    assert again is not None
    assert again.start == last.start
    assert list(second.history()) == []


def test_the_first_watch_learns_from_the_past() -> None:
    clock, memory = Clock(), Memory(steady(NOON - timedelta(hours=1), 3_600))
    source = following(memory, clock, Kept(), Pace(history_s=1_800.0))
    history = list(source.history())
    assert sum(int(window.attempts.sum()) for window in history) == 1_800
    following_window = source.read()
    assert following_window is not None
    assert following_window.start == history[-1].end


def test_what_comes_too_late_is_told_and_not_counted_twice() -> None:
    clock, memory = Clock(), Memory(steady(NOON, 600))
    source = following(memory, clock)
    counted = attempts(source, 12)
    memory.payments += [(NOON + timedelta(seconds=7), "a", "card", "")] * 10
    counted += attempts(source, 20)
    assert counted == [5] * 32
    assert any("10 of 70 payments" in note and "SOURCE_DELAY_SEC" in note for note in source.collect_notes())


def test_an_increment_without_payments_is_an_increment_with_zeros() -> None:
    clock, memory = Clock(), Memory(steady(NOON, 10))
    source = following(memory, clock)
    assert attempts(source, 4) == [5, 5, 0, 0]


def test_a_replay_leaves_out_what_is_empty_and_ends() -> None:
    clock = Clock()
    memory = Memory([*steady(NOON - timedelta(days=2), 10), *steady(NOON - timedelta(days=1), 10)])
    stretch = (NOON - timedelta(days=2), NOON - timedelta(days=1) + timedelta(seconds=9))
    source = StreamSource(memory, PACE, clock, stretch=stretch, sleep=clock.sleep)
    assert attempts(source, 4) == [5, 5, 5, 5]
    assert source.read() is None
    assert clock.now == NOON


def test_windows_hold_the_same_cells_object_while_no_cell_is_new() -> None:
    clock, memory = Clock(), Memory(steady(NOON, 100))
    memory.payments.append((NOON + timedelta(seconds=12), "b", "card", "51"))
    source = following(memory, clock)
    first, second, third, fourth = (source.read() for _ in range(4))
    assert first is not None
    assert second is not None
    assert third is not None
    assert fourth is not None
    assert first.cells is second.cells
    assert third.cells is fourth.cells
    assert third.cells.keys == (("a", "card"), ("b", "card"))
    assert third.codes == ("51",)
    assert source.recent == (first, second, third, fourth)
