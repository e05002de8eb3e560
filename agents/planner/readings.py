"""What else the evidence tells about a culprit: amounts, slowness, and the codes of its declines."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from payments.evidence import Evidence
from payments.finding import Finding
from payments.money import Currency
from payments.quantity import Fraction
from payments.segment import Segment, role_of

_MOST_MINOR = 1e15
"""More than any payment; keeps hostile amounts from becoming infinite in sums."""
_CODES_AT_MOST = 40
"""Pairs of scheme and code that are kept, the most frequent ones: the state of a run stays small."""


class Declined(BaseModel):
    """How often attempts of a scheme were declined with a code."""

    model_config = ConfigDict(frozen=True)

    scheme: str
    """The card network; empty when the source does not tell."""
    code: str
    count: PositiveInt


class Readings(BaseModel):
    """Figures of the culprit that a diagnosis does not carry; plain enough to be kept with the run."""

    model_config = ConfigDict(frozen=True)

    average_amount_minor: Annotated[float, Field(ge=0.0, le=_MOST_MINOR)] | None = None
    """Amount of an average attempt in minor units; None without amounts."""
    currency: Currency | None = None
    slowed: Fraction = 0.0
    """Share of the attempts that is slower than usual, beyond the share that always is."""
    declined: tuple[Declined, ...] = ()
    """Since the onset, the most frequent first."""

    @classmethod
    def of(cls, evidence: Evidence, finding: Finding, culprit: Segment) -> Self:
        """Read them off the evidence of a culprit; amounts are those of the strongest signal that has any."""
        inside = evidence.cells.mask(culprit)
        priced = next((said for said in finding.signals if said.average_amount_minor is not None), None)
        return cls(
            average_amount_minor=min(priced.average_amount_minor or 0.0, _MOST_MINOR) if priced else None,
            currency=priced.currency if priced else None,
            slowed=_slowed(evidence, inside),
            declined=tuple(_declined(evidence, inside)),
        )


def _slowed(evidence: Evidence, inside: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    attempts = float(evidence.attempts[inside].sum())
    if evidence.slow is None or evidence.expected_slow is None or attempts <= 0.0:
        return 0.0
    excess = float(evidence.slow[inside].sum()) - float(evidence.expected_slow[inside].sum())
    return min(1.0, max(0.0, excess / attempts))


def _declined(evidence: Evidence, inside: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Iterator[Declined]:
    if evidence.failures_by_code is None:
        return
    place = next((n for n, name in enumerate(evidence.cells.attributes) if role_of(name) == "network"), None)
    counts: Counter[tuple[str, str]] = Counter()
    for row in np.flatnonzero(inside & evidence.failures_by_code.any(axis=1)).tolist():
        scheme = "" if place is None else evidence.cells.keys[row][place]
        for column in np.flatnonzero(evidence.failures_by_code[row]).tolist():
            counts[scheme, evidence.codes[column]] += int(evidence.failures_by_code[row, column])
    # Of equally frequent ones the first by name, so that the order of the cells says nothing.
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    for (scheme, code), count in ranked[:_CODES_AT_MOST]:
        yield Declined(scheme=scheme, code=code, count=count)
