"""The live board: what is published is read back, and old news makes room."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from memory.live import COARSE, FEEDS_KEPT, FILE, ROWS_KEPT, SWEEP_EVERY, LiveBoard
from memory.live_reading import FeedSeen, LiveReader, Place
from payments.errors import StorageError
from payments.pulse import ATTEMPTS, PULSE_COLUMNS
from payments.window import LATENCY_BINS
from tests.memory.pulses import ALPHA, BETA, HOSTILE, PAIR, START, WHOLE, pulse, said


@pytest.fixture
def board(tmp_path: Path) -> Iterator[LiveBoard]:
    numbers = iter(range(10**6))
    made = LiveBoard(tmp_path / FILE, clock=lambda: float(next(numbers)))
    yield made
    made.close()


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[LiveReader]:
    made = LiveReader(tmp_path / FILE)
    yield made
    made.close()


def only(reader: LiveReader) -> FeedSeen:
    (feed,) = reader.feeds()
    return feed


def attempts(reader: LiveReader, place: Place, since_s: float = 0.0) -> list[float]:
    counts = reader.series(only(reader), place, "fine", since_s).counts
    return list(counts[:, ATTEMPTS])


def test_a_segment_is_read_as_it_was_published(board: LiveBoard, reader: LiveReader) -> None:
    for number in range(3):
        board.publish("feed", pulse(number), said())
    place = reader.segments(only(reader))[ALPHA]
    series = reader.series(only(reader), place, "fine", 0.0)
    assert list(series.at_s - START.timestamp()) == [5, 10, 15]
    assert list(series.counts[:, ATTEMPTS]) == [100, 101, 102]
    assert series.latency is not None
    assert series.latency.tolist() == [[number] * LATENCY_BINS for number in range(3)]


def test_a_pair_has_counts_and_no_latencies(board: LiveBoard, reader: LiveReader) -> None:
    board.publish("feed", pulse(4), said())
    series = reader.series(only(reader), reader.segments(only(reader))[PAIR], "fine", 0.0)
    assert (series.counts.tolist(), series.latency) == ([[4.0] * PULSE_COLUMNS], None)


def test_only_what_ends_later_is_read(board: LiveBoard, reader: LiveReader) -> None:
    for number in range(4):
        board.publish("feed", pulse(number), said())
    assert attempts(reader, Place("wide", 0), START.timestamp() + 10) == [2, 3]


def test_a_segment_that_joins_later_has_no_rows_before(board: LiveBoard, reader: LiveReader) -> None:
    board.publish("feed", pulse(0), said())
    board.publish("feed", pulse(1, (WHOLE, ALPHA, BETA)), said())
    assert attempts(reader, reader.segments(only(reader))[BETA]) == [201]
    totals = reader.totals(only(reader), "wide", 0.0)
    assert totals[:, ATTEMPTS].tolist() == [1, 201, 201]


def test_twelve_increments_make_a_coarse_row(board: LiveBoard, reader: LiveReader) -> None:
    for number in range(COARSE + 3):
        board.publish("feed", pulse(number), said())
    series = reader.series(only(reader), Place("wide", 0), "coarse", 0.0)
    assert list(series.at_s - START.timestamp()) == [60]
    assert list(series.counts[:, ATTEMPTS]) == [sum(range(COARSE))]
    assert series.latency is not None
    assert series.latency[0, 0] == sum(range(COARSE))


def test_names_may_be_any_text(board: LiveBoard, reader: LiveReader) -> None:
    board.publish("feed\ud800", pulse(0, (WHOLE, HOSTILE)), said())
    assert attempts(reader, reader.segments(only(reader))[HOSTILE]) == [100]


def test_old_rows_make_room(board: LiveBoard, reader: LiveReader) -> None:
    for number in (0, 1, 2):
        board.publish("feed", pulse(number), said())
    for number in range(SWEEP_EVERY):
        board.publish("feed", pulse(ROWS_KEPT + 1 + number), said())
    kept = attempts(reader, Place("wide", 0))
    assert kept[0] > 2
    assert len(kept) <= ROWS_KEPT


def test_feeds_of_the_past_are_forgotten(board: LiveBoard, reader: LiveReader) -> None:
    for number in range(FEEDS_KEPT + 3):
        board.publish(f"feed {number}", pulse(number), said())
    assert [feed.name for feed in reader.feeds()] == [f"feed {number}" for number in range(7, 2, -1)]


def test_the_learned_latencies_are_the_last_told(board: LiveBoard, reader: LiveReader) -> None:
    feed_place = Place("wide", 1)
    board.publish("feed", pulse(0), said())
    assert not reader.usual_latency(only(reader), feed_place).any()
    board.publish("feed", pulse(3, usual=True), said())
    board.publish("feed", pulse(4), said())
    assert reader.usual_latency(only(reader), feed_place).tolist() == [10.0] * LATENCY_BINS


def test_what_happened_is_given_newest_first(board: LiveBoard, reader: LiveReader) -> None:
    for number, events in enumerate([("a", "b"), (), ("c",)]):
        board.publish("feed", pulse(number), said(*events))
    assert [event for _, event in reader.events(only(reader), 10)] == ["c", "b", "a"]
    assert [event for _, event in reader.events(only(reader), 2)] == ["c", "b"]


def test_a_reader_hears_of_news_and_never_waits(board: LiveBoard, reader: LiveReader) -> None:
    board.publish("feed", pulse(0), said())
    before = reader.version()
    assert reader.version() == before
    board.publish("feed", pulse(1), said())
    assert reader.version() != before


def test_several_threads_may_read(board: LiveBoard, reader: LiveReader) -> None:
    board.publish("feed", pulse(0), said())
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(len(attempts(reader, Place("wide", 0)))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1] * 8


def test_a_board_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(StorageError, match="cannot be used"):
        LiveBoard(tmp_path / FILE).publish("feed", pulse(0), said())
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be made"):
        LiveBoard(tmp_path / "file" / FILE).publish("feed", pulse(0), said())
