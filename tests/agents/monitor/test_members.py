"""Sums of rows are what a product with a matrix of ones gives."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from agents.monitor.grow import Reals, within
from agents.monitor.members import Members, sums_by_owner
from agents.monitor.partition import Partition


@given(st.integers(0, 6), st.integers(1, 4), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_each_row_is_added_to_all_of_its_owners(rows: int, each: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    owners = rng.integers(0, 5, (rows, each)).astype(np.int32)
    table = rng.integers(-9, 9, (rows, width)).astype(np.float32)
    expected = np.zeros((5, width), dtype=np.float32)
    for row in range(rows):
        for owner in owners[row]:
            expected[owner] += table[row]
    assert np.array_equal(sums_by_owner(owners, table, 5), expected)


@pytest.mark.parametrize("precision", [np.float32, np.float64])
@given(seed=st.integers(0, 2**32 - 1))
def test_members_are_added_up_as_a_product_with_their_matrix_does(
    precision: type[np.floating[Any]], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    marks, table = (rng.random((4, 7)) < 0.4).astype(np.float64), rng.integers(-9, 9, (7, 3))
    given_table: Reals = table.astype(precision)
    members = Members(sparse.csr_array(marks), precision)
    sums = members.sums(given_table)
    assert sums.dtype == precision
    assert np.array_equal(sums, marks @ table)
    assert np.array_equal(members.sums_of_one(given_table[:, 1].copy()), marks @ table[:, 1])


def test_a_table_of_another_length_is_refused() -> None:
    members = Members(sparse.csr_array(np.ones((2, 3))), np.float64)
    with pytest.raises(ValueError, match="reshape"):
        members.sums(np.ones((2, 4)))
    with pytest.raises(ValueError, match="reshape"):
        members.sums_of_one(np.ones(2))
    with pytest.raises(ValueError, match="reshape"):
        sums_by_owner(np.zeros((2, 1), dtype=np.int32), np.ones((3, 1), dtype=np.float32), 1)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=12))
def test_a_partition_adds_values_up_by_group(numbers: list[int]) -> None:
    group = np.unique(numbers, return_inverse=True)[1]
    values = np.arange(1.0, len(group) + 1.0)
    assert Partition(group).sums(values).tolist() == np.bincount(group, values).tolist()


def test_values_are_drawn_into_a_range() -> None:
    assert within(np.array([-1.0, 0.5, 3.0]), 0.0, 1.0).tolist() == [0.0, 0.5, 1.0]
