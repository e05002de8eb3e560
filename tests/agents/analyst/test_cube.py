"""The cube's sums, however it keeps them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.analyst.cube import Codes, Cube, depth_for


@st.composite
def cubes(draw: st.DrawFn) -> Cube:
    """Cells of up to four attributes; a large size makes a cuboid sparse."""
    sizes = tuple(draw(st.lists(st.sampled_from([1, 2, 5, 3000]), min_size=1, max_size=4)))
    rows = draw(st.lists(st.tuples(*[st.integers(0, size - 1) for size in sizes]), max_size=20, unique=True))
    codes: Codes = np.array(rows, dtype=np.intp).reshape(len(rows), len(sizes))
    return Cube(codes, sizes, draw(st.integers(1, 4)))


@given(cubes(), st.integers(0, 2**32))
def test_every_group_sums_its_own_cells(cube: Cube, seed: int) -> None:
    column = np.random.default_rng(seed).integers(1, 100, len(cube)).astype(float)
    sums = cube.roll_up(column[None])
    assert set(sums) == set(cube.cuboids)
    for columns, (total,) in sums.items():
        for row in range(len(cube)):
            values = tuple(int(cube.codes[row, c]) for c in columns)
            slot, mask = cube.slot(columns, values), cube.covered(columns, values)
            assert cube.values(columns, slot) == values
            assert mask[row]
            assert total[slot] == column[mask].sum()
        assert total.sum() == column.sum()


@given(cubes())
def test_a_description_costs_more_among_more_groups(cube: Cube) -> None:
    assert all(price >= 0.0 for price in cube.prices.values())
    assert min(cube.prices, key=lambda columns: cube.prices[columns]) == ()


@pytest.mark.parametrize(("attributes", "depth"), [(0, 0), (1, 1), (5, 5), (6, 6), (7, 3), (10, 3), (30, 3)])
def test_descriptions_get_shorter_when_there_are_many_attributes(attributes: int, depth: int) -> None:
    assert depth_for(attributes) == depth
