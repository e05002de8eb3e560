"""A small world whose faults are put in by hand, so that the analyst is tested without the simulator."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.analyst import Analyst
from payments.diagnosis import Diagnosis
from payments.evidence import Evidence
from payments.lesson import Lesson
from payments.maintenance import Maintenance
from payments.segment import Segment
from payments.window import Cells

SINCE = datetime(2026, 3, 2, 9, 1, 5, tzinfo=UTC)
TICK_S = 5.0
WINDOW_S = 60.0
ORDINARY = {
    "51": 0.4,
    "05": 0.25,
    "14": 0.06,
    "N7": 0.05,
    "59": 0.05,
    "91": 0.05,
    "96": 0.05,
    "timeout": 0.09,
}
CODES = (
    *ORDINARY, "54", "Z9", "XT", "XU", "03", "58", "12", "94", "65", "5C", "9G", "92", "31", "http_5xx",
    "tls_error", "3ds_acs_error", "402", "82",
    "63",
)  # fmt: skip

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Fault:
    """What goes wrong in one segment."""

    segment: Segment
    rate: float = 0.0
    """Chance that an attempt fails for this reason."""
    codes: Mapping[str, float] = field(default_factory=lambda: {"timeout": 1.0})
    attempts: float = 1.0
    """Factor on the attempts."""
    repeats: float = 0.0
    """Share of the attempts that are repeats of earlier ones."""
    pending: float = 0.0
    """Chance that the outcome of an attempt is not known."""
    slow: float = 0.1
    fast: float = 0.1
    renamed: Mapping[str, str] = field(default_factory=dict)


def world(payments: float = 6.0) -> tuple[Cells, Floats]:
    """Give the cells and the attempts that each has in a minute."""
    issuers = [(f"bank_{i}", ("IN", "BR", "US")[i % 3]) for i in range(6)]
    methods = [
        ("card", "visa", 1.0),
        ("card", "mastercard", 0.7),
        ("upi", "upi", 1.2),
        ("wallet", "none", 0.3),
    ]
    psps = [("alpha", 1.0), ("beta", 0.8), ("gamma", 0.6)]
    merchants = [(f"shop_{m}", 1.0 + 0.5 * m) for m in range(4)]
    keys, weights = [], []
    for (bank, country), (method, network, w1), (psp, w2), (shop, w3) in product(
        issuers, methods, psps, merchants
    ):
        keys.append((bank, country, method, network, psp, shop))
        weights.append(w1 * w2 * w3)
    attributes = ("issuer", "country", "method", "network", "psp", "merchant")
    return Cells(attributes=attributes, keys=tuple(keys)), payments * np.array(weights)


def evidence(*faults: Fault, payments: float = 6.0, seed: int = 1, ticks: int = 12) -> Evidence:
    """Draw one stretch of time with these faults in it."""
    rng = np.random.default_rng(seed)
    cells, per_minute = world(payments)
    forecast = per_minute * ticks * TICK_S / 60.0
    factor, slow, fast = np.ones(len(cells)), np.full(len(cells), 0.1), np.full(len(cells), 0.1)
    repeated, hidden = np.full(len(cells), 0.03), np.full(len(cells), 0.005)
    masks = [cells.mask(fault.segment) for fault in faults]
    for fault, mask in zip(faults, masks, strict=True):
        factor[mask], slow[mask], fast[mask] = fault.attempts, fault.slow, fault.fast
        repeated[mask], hidden[mask] = max(0.03, fault.repeats), max(0.005, fault.pending)
    attempts = rng.poisson(forecast * factor)
    pending = rng.binomial(attempts, hidden)
    by_code = _failures(rng, attempts - pending, list(zip(faults, masks, strict=True)))
    usual = np.array([ORDINARY.get(code, 0.002) for code in CODES])
    expected = 0.1 * attempts
    columns: dict[str, Any] = {
        "attempts": attempts,
        "failures": by_code.sum(axis=1),
        "pending": pending,
        "expected_attempts": forecast,
        "expected_failures": expected,
        "expected_pending": 0.005 * attempts,
        "codes": CODES,
        "failures_by_code": by_code,
        "expected_by_code": expected[:, None] * usual / usual.sum(),
        "repeats": rng.binomial(attempts, repeated),
        "expected_repeats": 0.03 * attempts,
        "slow": rng.binomial(attempts, slow),
        "expected_slow": 0.1 * attempts,
        "fast": rng.binomial(attempts, np.minimum(fast, 1 - slow)),
        "expected_fast": 0.1 * attempts,
        "dispersion": 0.002,
    }
    until = SINCE + timedelta(seconds=ticks * TICK_S)
    return Evidence(since=SINCE, until=until, tick_s=TICK_S, cells=cells, **columns)


def _failures(
    rng: np.random.Generator,
    settled: npt.NDArray[np.int64],
    faults: list[tuple[Fault, npt.NDArray[np.bool_]]],
) -> npt.NDArray[np.int64]:
    usual = np.array([ORDINARY.get(code, 0.002) for code in CODES])
    by_code = np.zeros((len(settled), len(CODES)), dtype=np.int64)
    left = settled.copy()
    for fault, mask in faults:
        struck = np.where(mask, rng.binomial(left, fault.rate), 0)
        share = np.array([fault.codes.get(code, 0.0) for code in CODES])
        by_code += rng.multinomial(struck, share / max(share.sum(), 1e-9)) if fault.rate else 0
        left = left - struck
    by_code += rng.multinomial(rng.binomial(left, 0.1), usual / usual.sum())
    for fault, mask in faults:
        for old, new in fault.renamed.items():
            moved = np.where(mask, rng.binomial(by_code[:, CODES.index(old)], 0.7), 0)
            by_code[:, CODES.index(old)] -= moved
            by_code[:, CODES.index(new)] += moved
    return by_code


def diagnose(
    given: Evidence, lessons: tuple[Lesson, ...] = (), planned: tuple[Maintenance, ...] = ()
) -> Diagnosis:
    """Let an analyst with default settings look at the evidence."""
    return Analyst().analyse(given, lessons, planned, given.until, WINDOW_S)


def overlap(cells: Cells, one: Segment, other: Segment) -> float:
    """Give the Jaccard index of two segments by cells."""
    first, second = cells.mask(one), cells.mask(other)
    return float((first & second).sum() / max((first | second).sum(), 1))
