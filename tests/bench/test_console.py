"""What the measurement of the console makes of its numbers."""

from itertools import cycle, islice

import pytest

from bench.console.endurance import PAGES, Block, summary
from bench.console.readers import ADDRESSES


def blocks(cpu_ms: list[float], memory_mb: list[float]) -> list[Block]:
    return [Block(ms, 2 * ms, megabytes) for ms, megabytes in zip(cpu_ms, memory_mb, strict=True)]


def test_the_slowdown_is_that_of_neighbours_so_that_a_slow_hour_counts_for_both() -> None:
    told = summary(blocks([10, 20, 40], [1, 1, 1]), blocks([11, 22, 44], [1, 1, 1]), 1.0)
    assert told["slowdown_cpu"] == pytest.approx(0.1)
    assert told["slowdown_wall"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("memory", "trend"), [([90, 200, 200, 200, 200, 200], 0.0), ([0, 0, 0, 1, 2, 3], 5 / 6)]
)
def test_growth_of_memory_is_read_off_the_second_half(memory: list[float], trend: float) -> None:
    told = summary(blocks([1] * 6, memory), blocks([1] * 6, memory), 6.0)
    assert told["server_memory_mb_per_hour_second_half"] == pytest.approx(trend, abs=1e-9)


def test_the_pages_look_at_different_things() -> None:
    assert set(islice(cycle(ADDRESSES), PAGES)) == set(ADDRESSES)
