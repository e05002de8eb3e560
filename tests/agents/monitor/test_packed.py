"""Packed counts come back as they were, and take little room."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from agents.monitor.packed import Packed

COUNTS = hnp.arrays(
    np.int64, hnp.array_shapes(max_dims=2, max_side=20), elements=st.just(0) | st.integers(0, 2**53)
)


@given(table=COUNTS)
def test_what_is_packed_comes_back(table: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> None:
    packed = Packed.of(table)
    assert packed.shape == table.shape
    assert np.array_equal(packed.full(), table)


def test_few_counts_take_few_bytes() -> None:
    table = np.zeros((1000, 8), dtype=np.int64)
    table[::100, 0] = 3
    packed = Packed.of(table)
    assert packed.filled is not None
    assert packed.values.nbytes + packed.filled.nbytes == 10 + 1000
    assert Packed.of(table + 1).values.nbytes == 8000
