"""Cells and the segments above them."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.monitor import MonitorSettings
from agents.monitor.streams import Streams, watched_combinations
from payments.errors import SettingsError
from payments.segment import Segment
from payments.window import Cells


def keys_of(width: int) -> st.SearchStrategy[list[tuple[str, ...]]]:
    return st.lists(st.tuples(*[st.sampled_from("abc")] * width), min_size=1, max_size=12, unique=True)


KEYS = keys_of(3)


def made(keys: Sequence[tuple[str, ...]]) -> Streams:
    streams = Streams()
    streams.rows(Cells(attributes=tuple("wxyz"[-len(keys[0]) :]), keys=tuple(keys)))
    return streams


@given(st.integers(1, 4).flatmap(keys_of))
def test_each_stream_adds_up_the_cells_of_its_segment(keys: list[tuple[str, ...]]) -> None:
    streams = made(keys)
    values = np.arange(1.0, len(keys) + 1.0)
    for stream, total in enumerate(streams.sums(values[:, None])[:, 0]):
        assert total == values[streams.mask(streams.segment(stream))].sum()


@given(KEYS, st.data())
def test_streams_keep_their_number_when_cells_appear(
    keys: list[tuple[str, ...]], data: st.DataObject
) -> None:
    at = data.draw(st.integers(1, len(keys)))
    streams = made(keys[:at])
    before = [streams.segment(stream) for stream in range(streams.count)]
    rows = streams.rows(Cells(attributes=("x", "y", "z"), keys=tuple(reversed(keys))))
    assert [streams.segment(stream) for stream in range(len(before))] == before
    assert [streams.keys[row] for row in rows] == list(reversed(keys))


def test_single_values_pairs_and_cells_are_watched() -> None:
    streams = made([("a", "b", "c")])
    segments = {streams.segment(stream) for stream in range(streams.count)}
    assert Segment({}) in segments
    assert Segment.of(x="a", z="c") in segments
    assert Segment.of(x="a", y="b", z="c") in segments
    assert len(segments) == 1 + 3 + 3 + 1


@pytest.mark.parametrize(("width", "number"), [(0, 1), (1, 2), (2, 4), (3, 8), (6, 23)])
def test_no_combination_is_watched_twice(width: int, number: int) -> None:
    assert len(watched_combinations(width)) == len(set(watched_combinations(width))) == number


def test_a_segment_of_an_unknown_attribute_has_no_cells() -> None:
    assert not made([("a", "b", "c")]).mask(Segment.of(colour="red")).any()


def test_streams_touch_the_cells_they_share() -> None:
    streams = made([("a", "b", "c"), ("a", "c", "c")])
    touched = streams.touching(streams.mask(Segment.of(y="b")))
    untouched = {streams.segment(stream) for stream in np.flatnonzero(~touched).tolist()}
    c = Segment.of(y="c")
    assert untouched == {
        c,
        Segment.of(x="a", y="c"),
        Segment.of(y="c", z="c"),
        Segment.of(x="a", y="c", z="c"),
    }


@pytest.mark.parametrize(
    "wrong", [{"tick_s": 0.0}, {"window_s": -1.0}, {"false_alarms_per_week": float("nan")}]
)
def test_settings_that_are_not_positive_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        MonitorSettings(**wrong)  # type: ignore[arg-type]
