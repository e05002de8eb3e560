"""What changed in the traffic: the signals of a finding."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt

from payments.money import Currency
from payments.segment import Segment

SignalKind = Literal[
    "failures", "technical", "pending", "repeats", "codes", "slow", "volume_up", "volume_down"
]
"""failures, technical failures, attempts without an outcome yet, attempts beyond the first of a payment,
failures with codes of one group, attempts slower than a percentile of the baseline (all as a share of
attempts), and attempts against the forecast."""


class Signal(BaseModel):
    """A change in one segment, with the counts since its onset."""

    model_config = ConfigDict(frozen=True)

    kind: SignalKind
    detail: str = ""
    """The group of `codes`; the percentile of `slow`, such as p90."""
    segment: Segment
    onset: AwareDatetime
    """Start of the first increment that belongs to the change, as estimated by the detector."""
    observed: NonNegativeFloat
    expected: NonNegativeFloat
    attempts: NonNegativeInt
    log_evidence: float
    """Natural logarithm of the evidence against the baseline; alarms when above the threshold."""
    payments_lost: NonNegativeFloat = 0.0
    """Estimated payments beyond expectation that did not go through since the onset."""
    money_lost_minor: NonNegativeFloat | None = None
    """The same in minor units of the feed's currency, at the average amount; None without amounts."""
    average_amount_minor: NonNegativeFloat | None = None
    """Amount of an average attempt in the segment; None without amounts."""
    currency: Currency | None = None
    """Of the amounts; None when the source does not tell."""


class Finding(BaseModel):
    """What the monitor reports when something changed: the strongest signals first, never arrays."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    since: AwareDatetime
    signals: tuple[Signal, ...]
    threshold: float
    ticks_learned: NonNegativeInt
