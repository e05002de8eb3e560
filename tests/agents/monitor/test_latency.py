"""What counts as slow, learned without fooling itself."""

import numpy as np
import pytest

from agents.monitor.latency import LatencyBaseline, Samples
from agents.monitor.streams import Streams
from payments.quantity import Counts
from payments.window import LATENCY_BINS, Cells

CELLS = Cells(attributes=("psp", "bin"), keys=tuple((f"p{n % 5}", f"b{n}") for n in range(400)))


def samples(rng: np.random.Generator, per_cell: int) -> Counts:
    return rng.multinomial(np.full(len(CELLS), per_cell), np.full(LATENCY_BINS, 1.0 / LATENCY_BINS))


def fitted(rng: np.random.Generator, ticks: int, per_cell: int) -> tuple[LatencyBaseline, Streams]:
    streams, baseline = Streams(), LatencyBaseline()
    rows = streams.rows(CELLS)
    baseline.grow(streams)
    for _ in range(ticks):
        seen = Samples.of(samples(rng, per_cell), rows)
        baseline.learn(seen, np.zeros(len(CELLS), dtype=np.bool_))
    baseline.fit(streams)
    return baseline, streams


def test_the_learned_share_of_slow_samples_holds_for_new_ones() -> None:
    rng = np.random.default_rng(8)
    baseline, streams = fitted(rng, ticks=40, per_cell=5)
    learned, beyond = baseline.learned()
    shares = beyond.sum(axis=0) / learned.sum()
    new = baseline.tails(Samples.of(samples(rng, 500), streams.rows(CELLS)), len(CELLS))
    assert shares == pytest.approx(new.sum(axis=0) / (500 * len(CELLS)), rel=0.03)
    assert np.all(np.abs(shares - [0.5, 0.1, 0.01, 0.1]) < [0.05, 0.03, 0.015, 0.03])


def test_nothing_is_slow_before_anything_was_learned() -> None:
    baseline, streams = fitted(np.random.default_rng(8), ticks=0, per_cell=1)
    seen = Samples.of(samples(np.random.default_rng(1), 10), streams.rows(CELLS))
    assert not baseline.fitted
    assert not baseline.tails(seen, len(CELLS)).any()


def test_a_new_cell_takes_its_quantiles_from_its_kind() -> None:
    baseline, streams = fitted(np.random.default_rng(8), ticks=40, per_cell=5)
    rows = streams.rows(Cells(attributes=CELLS.attributes, keys=(("p1", "new"),)))
    baseline.grow(streams)
    even = np.full((1, LATENCY_BINS), 10)
    tails = baseline.tails(Samples.of(even, rows), streams.cells)[-1]
    assert tails / even.sum() == pytest.approx([0.5, 0.1, 0.01, 0.1], abs=0.03)
