"""How far the episodes of one cause may differ: a row for each cause."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from simulator.traffic import culprits, strikes
from simulator.traffic.scenario import Candidates, Strike

Shape = Literal["step", "ramp", "flapping", "slow_first"]

_ANY: tuple[Shape, ...] = ("step", "step", "ramp", "flapping")
_ANY_SLOW: tuple[Shape, ...] = (*_ANY, "slow_first")
_SUDDEN: tuple[Shape, ...] = ("step",)
_GRADUAL: tuple[Shape, ...] = ("step", "ramp")


@dataclass(frozen=True)
class Family:
    """How far the episodes of one cause differ from the scenario of its name."""

    strength: tuple[float, float] = (1.0, 1.0)
    """Of the effects, as multiples of the scenario's; drawn evenly in the logarithm."""
    shapes: tuple[Shape, ...] = _SUDDEN
    narrower: tuple[str, ...] = ()
    """Attributes of which the fault may strike one value only."""
    candidates: Candidates | None = None
    """What may be struck, where that is more than in the scenario."""
    strikes: tuple[Strike, ...] = ()
    """What happens, where strength alone would not vary it sensibly."""
    lasts_s: tuple[float, float] = (420.0, 3_600.0)
    rise_s: tuple[float, float] = (60.0, 300.0)
    margin_s: tuple[float, float] = (0.0, 0.0)
    """By which the calendar announces a downtime too long, at either end."""
    on_the_minute: bool = False
    """Whether a clock brings it about."""
    at_peak: bool = False
    """Whether it takes the load of the busiest hour."""
    least_lost_per_s: float = 0.15
    """Payments that a fault costs at least, so that there is something to be found within minutes."""


_OUTAGE = (0.25, 1.15)
"""From a fifth of the payments failing to all of them."""

_STORMS = tuple(
    partial(strikes.retry_storm, share=share, max_attempts=most, limit=limit)
    for share, most, limit in (
        (0.6, 4, 1.02),
        (0.6, 6, 1.05),
        (0.75, 4, 1.05),
        (0.75, 5, 1.1),
        (0.85, 5, 1.2),
        (0.95, 4, 1.05),
        (0.95, 5, 1.15),
        (0.95, 6, 1.3),
    )
)
"""Mild and wild ones; each of them feeds itself once it has begun."""

FAMILIES: Mapping[str, Family] = {
    "quiet": Family(),
    "issuer_outage": Family(_OUTAGE, _ANY_SLOW, ("method", "network"), culprits.every_issuer),
    "psp_outage": Family(_OUTAGE, _ANY_SLOW, ("method", "network", "country")),
    "psp_issuer_link": Family(_OUTAGE, _ANY, ("method",), culprits.every_link),
    "card_network_outage": Family(_OUTAGE, _ANY_SLOW, ("country",)),
    "retry_storm": Family(candidates=culprits.every_merchant, strikes=_STORMS, at_peak=True),
    "routing_misconfig": Family((0.6, 1.08), narrower=("method", "network"), least_lost_per_s=0.0),
    "user_mix": Family((0.4, 2.4), _GRADUAL),
    "card_testing": Family((0.5, 3.0), _ANY, candidates=culprits.merchant_cards),
    "acs_outage": Family(_OUTAGE, _ANY, ("network",), culprits.card_issuers_or_countries),
    "expired_cert": Family(narrower=("method", "network"), on_the_minute=True),
    "settlement_cutover": Family(
        (0.4, 1.3), candidates=culprits.every_issuer, lasts_s=(120, 420), on_the_minute=True
    ),
    "planned_maintenance": Family((0.5, 1.03), _GRADUAL, ("method",), margin_s=(0.0, 600.0)),
    "holiday_surge": Family((0.4, 2.0), _GRADUAL, rise_s=(120.0, 900.0)),
    "code_mix_drift": Family((0.4, 1.4), _GRADUAL),
    "webhook_lag": Family((0.4, 1.17), _GRADUAL),
    "low_volume_noise": Family((0.8, 1.6), lasts_s=(60.0, 150.0), least_lost_per_s=0.0),
    "fraud_rule_push": Family((0.5, 2.4), narrower=("method", "network")),
    "method_outage": Family(_OUTAGE, _ANY_SLOW, ("psp",)),
    "psp_brownout": Family((0.6, 1.4), ("ramp",), ("method", "network"), rise_s=(120.0, 360.0)),
}

PAIRS = (
    ("psp_outage", "issuer_outage"),
    ("issuer_outage", "psp_outage"),
    ("psp_issuer_link", "psp_outage"),
    ("card_network_outage", "psp_outage"),
    ("issuer_outage", "method_outage"),
    ("psp_brownout", "issuer_outage"),
    ("routing_misconfig", "issuer_outage"),
    ("expired_cert", "fraud_rule_push"),
)
"""Causes that strike together, in this order or at once."""
