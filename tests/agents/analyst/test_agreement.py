"""What a group's evidence loses when its cells changed by unlike shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.analyst.agreement import disagreement


def lost(changes: list[float], nats: float = 10.0) -> float:
    """Give the loss of cells that each speak for an anomaly with so many nats."""
    return disagreement(np.full(len(changes), nats), np.array(changes), np.full(len(changes), 0.01))


@pytest.mark.parametrize("cells", [2, 10, 2000])
def test_cells_that_changed_alike_lose_nothing(cells: int) -> None:
    assert lost([0.4 + 0.02 * (row % 3) for row in range(cells)]) == 0.0


def test_unlike_cells_lose_the_more_the_more_there_are() -> None:
    assert 0.0 > lost([0.1, 0.5, 0.9]) > lost([0.1, 0.5, 0.9, 0.3, 0.7])


@pytest.mark.parametrize("changes", [[], [0.3], [-0.9]])
def test_one_cell_cannot_disagree(changes: list[float]) -> None:
    assert lost(changes) == 0.0


def test_a_cell_without_amount_is_not_asked() -> None:
    evidence, change = np.array([10.0, 0.0]), np.array([0.9, 0.0])
    assert disagreement(evidence, change, np.array([0.01, 1.0])) == 0.0


@given(st.lists(st.tuples(st.floats(-5.0, 30.0), st.floats(-1.0, 1.0), st.floats(0.01, 1.0)), max_size=30))
def test_the_loss_is_finite_and_never_a_gain(cells: list[tuple[float, float, float]]) -> None:
    columns = np.array(cells).reshape(-1, 3).T
    loss = disagreement(columns[0], columns[1], columns[2])
    assert np.isfinite(loss)
    assert loss <= 0.0
