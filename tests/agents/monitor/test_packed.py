"""Packed counts come back as they were, and take little room."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from agents.monitor.packed import Packed

COUNTS = hnp.arrays(
    np.int64, hnp.array_shapes(max_dims=2, max_side=20), elements=st.just(0) | st.integers(0, 2**53)
)


@given(table=COUNTS)
def test_what_is_packed_comes_back(table: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> None:
    packed = Packed(table)
    packed.put_away()
    assert packed.shape == table.shape
    assert np.array_equal(packed.full(), table)


def test_few_counts_take_few_bytes() -> None:
    table = np.zeros((1000, 8), dtype=np.int64)
    table[::100, 0] = 3
    few, many = Packed(table), Packed(table + 1)
    few.put_away()
    many.put_away()
    assert few.nbytes == 10 + 1000
    assert many.nbytes == 8000


@given(table=COUNTS)
def test_what_is_at_hand_is_the_same_table_until_it_is_put_away(
    table: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
) -> None:
    packed = Packed(table)
    assert packed.full() is packed.full()
    assert np.array_equal(packed.full(), table)
    packed.put_away()
    assert packed.full() is not packed.full()
    assert np.array_equal(packed.full(), table)


def test_nobody_can_write_to_what_others_read_too() -> None:
    packed = Packed(np.ones(3, dtype=np.int64))
    with pytest.raises(ValueError, match="read-only"):
        packed.full()[0] = 2.0
