"""The attempts of one tick, as columns, and where they come from: customers, fraudsters and repeats."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Self

import numpy as np

from simulator.traffic.arrays import Flags, Floats, Ints
from simulator.traffic.conditions import Conditions
from simulator.traffic.topology import Topology

_MEDIAN_AMOUNT_MINOR, _AMOUNT_SIGMA = 3_200.0, 0.9
_TEST_AMOUNTS_MINOR = (50, 200)
"""Fraudsters try amounts that nobody looks at."""


class Chance(IntEnum):
    """Rows of the uniform numbers that decide one attempt."""

    ROUTE = 0
    HAZARD = 1
    OUTCOME = 2
    CODE = 3
    UNKNOWN = 4
    RENAME = 5
    RETRY = 6
    DELAY = 7


@dataclass(frozen=True)
class Attempts:
    """Columns of shape (attempts,); `chances` is (kinds of chance, attempts).

    The numbers that decide a first attempt depend on seed, tick and arrival only: the same payment meets the
    same luck whatever is done about it, so runs under different policies compare payment by payment.
    """

    demand: Ints
    number: Ints
    """1 for a first attempt."""
    amount_minor: Ints
    hostile: Flags
    chances: Floats
    normal: Floats
    """Standard normal, decides the latency."""
    struck: Flags
    """Whether the payment is one of those that the fault strikes while nobody intervenes."""

    @classmethod
    def draw(
        cls,
        demand: Ints,
        number: Ints,
        amount_minor: Ints,
        rng: np.random.Generator,
        *,
        hostile: bool = False,
        struck: Flags | None = None,
    ) -> Self:
        """Give each attempt its luck."""
        n = len(demand)
        chances, normal = rng.random((len(Chance), n)), rng.standard_normal(n)
        marked = np.zeros(n, dtype=np.bool_) if struck is None else struck
        return cls(demand, number, amount_minor, np.full(n, hostile), chances, normal, marked)

    def joined(self, *others: "Attempts") -> "Attempts":
        """Give these attempts and the others as one."""
        every = (self, *others)
        return Attempts(
            demand=np.concatenate([a.demand for a in every]),
            number=np.concatenate([a.number for a in every]),
            amount_minor=np.concatenate([a.amount_minor for a in every]),
            hostile=np.concatenate([a.hostile for a in every]),
            chances=np.concatenate([a.chances for a in every], axis=1),
            normal=np.concatenate([a.normal for a in every]),
            struck=np.concatenate([a.struck for a in every]),
        )

    def where(self, kept: Flags) -> "Attempts":
        """Give the attempts that are kept."""
        return Attempts(
            self.demand[kept],
            self.number[kept],
            self.amount_minor[kept],
            self.hostile[kept],
            self.chances[:, kept],
            self.normal[kept],
            self.struck[kept],
        )

    def __len__(self) -> int:
        return len(self.demand)


def customers(
    topology: Topology, conditions: Conditions, season: float, rng: np.random.Generator
) -> Attempts:
    """Draw the first attempts of a tick."""
    rate = topology.payments_per_s * conditions.volume * season * topology.config.tick_s
    demand = np.repeat(np.arange(topology.demands), rng.poisson(rate))
    amount = _MEDIAN_AMOUNT_MINOR * np.exp(_AMOUNT_SIGMA * rng.standard_normal(len(demand)))
    amount_minor = np.maximum(1, amount).astype(np.int64)
    return Attempts.draw(demand, np.ones_like(demand), amount_minor, rng)


def fraudsters(topology: Topology, conditions: Conditions, rng: np.random.Generator) -> Attempts:
    """Draw the attempts of card testers in a tick."""
    counts = rng.poisson(conditions.hostile_per_s * topology.config.tick_s)
    demand = np.repeat(np.arange(topology.demands), counts)
    amount_minor = rng.integers(*_TEST_AMOUNTS_MINOR, size=len(demand))
    return Attempts.draw(demand, np.ones_like(demand), amount_minor, rng, hostile=True)


@dataclass
class Repeats:
    """Failed payments that will be tried again, by the tick in which they come back."""

    waiting: dict[int, list[Ints]] = field(default_factory=dict)
    """Demand, number, amount and whether it is struck: each of shape (4, payments)."""

    def add(self, due: Ints, attempts: Attempts, failed: Ints) -> None:
        """Let each failed payment, given by its row, come back in its due tick: both (payments,)."""
        columns = (attempts.demand, attempts.number + 1, attempts.amount_minor, attempts.struck)
        again: Ints = np.stack([column.take(failed) for column in columns]).astype(np.int64, copy=False)
        for tick in set(due.tolist()):
            self.waiting.setdefault(tick, []).append(again[:, due == tick])

    def pop(self, tick: int, rng: np.random.Generator) -> Attempts:
        """Give the repeats of a tick."""
        nothing = np.empty((4, 0), dtype=np.int64)
        due = np.concatenate([nothing, *self.waiting.pop(tick, [])], axis=1)
        demand, number, amount, struck = due
        return Attempts.draw(demand, number, amount, rng, struck=struck.astype(np.bool_))

    def __len__(self) -> int:
        return sum(columns.shape[1] for every in self.waiting.values() for columns in every)
