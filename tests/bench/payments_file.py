"""A made-up file of payments in ten-minute counts, with two outages of one segment."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import numpy as np

START = datetime(2026, 3, 2, tzinfo=UTC)
TICK = timedelta(minutes=10)
HEADER = ("time", "psp", "method", "attempts", "success")
MAP = "time=time,success=success,attempts=attempts,dims=psp,method"
SEGMENT = "psp=beta & method=upi"


@dataclass(frozen=True)
class Outages:
    """When `psp=beta & method=upi` fails, in ticks: from the first up to the second."""

    at: tuple[tuple[int, int], ...] = ((180, 198), (240, 252))
    ticks: int = 288
    rows: tuple[tuple[str, str], ...] = field(
        default=tuple(product(("alpha", "beta", "gamma"), ("card", "upi", "wallet")))
    )

    def is_hit(self, tick: int, psp: str, method: str) -> bool:
        """Say whether these payments fail then."""
        return (psp, method) == ("beta", "upi") and any(first <= tick < last for first, last in self.at)


def time_of(tick: int) -> str:
    """Give the start of a tick as the file has it."""
    return (START + tick * TICK).isoformat()


def write_payments(file: Path, outages: Outages, seed: int = 1) -> None:
    """Write counts with a success rate of 0.9, of 0.4 in an outage."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEADER, *_rows(outages, np.random.default_rng(seed))])


def write_labels(file: Path, outages: Outages, segment: str = SEGMENT) -> None:
    """Write the outages as known incidents, named o1, o2, ..."""
    rows = [
        (f"o{number}", time_of(first), time_of(last), segment)
        for number, (first, last) in enumerate(outages.at, start=1)
    ]
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("id", "start", "end", "segment"), *rows])


def _rows(outages: Outages, rng: np.random.Generator) -> Iterator[tuple[object, ...]]:
    for tick in range(outages.ticks):
        for psp, method in outages.rows:
            attempts = int(rng.poisson(120))
            rate = 0.4 if outages.is_hit(tick, psp, method) else 0.9
            yield time_of(tick), psp, method, attempts, int(rng.binomial(attempts, rate))
