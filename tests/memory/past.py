"""Two hundred past incidents of nine causes, each drawn around its cause's look, with much noise."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from payments.action import ActionKind
from payments.diagnosis import Category
from payments.lesson import Lesson
from payments.outcome import Effect
from payments.segment import Segment
from tests.memory.stock import AT

VALUES = {
    "psp": ("alpha", "beta", "gamma", "delta"),
    "issuer": ("HDFC", "SBI", "Axis", "ICICI", "Kotak"),
    "method": ("upi", "card", "wallet", "netbanking"),
    "network": ("visa", "mastercard", "rupay"),
    "merchant": tuple(f"shop{number}" for number in range(30)),
}


@dataclass(frozen=True)
class Look:
    """What a cause looks like on average."""

    category: Category
    roles: tuple[str, ...]
    lead: str
    scope: str
    codes: dict[str, float]
    excess: dict[str, float]
    action: ActionKind
    words: str


LOOKS = {
    "issuer_outage": Look(
        Category.ISSUER,
        ("issuer",),
        "failures",
        "issuer",
        {"issuer": 0.6, "technical": 0.3},
        {"failure": 0.5, "slow": 0.6},
        ActionKind.RETRY_POLICY,
        "the bank fails on every route",
    ),
    "psp_outage": Look(
        Category.NETWORK_OR_SYSTEM,
        ("psp",),
        "failures",
        "route",
        {"technical": 0.9},
        {"failure": 0.6, "slow": 0.6, "pending": 0.2},
        ActionKind.REROUTE,
        "the gateway is down for all banks",
    ),
    "card_network_outage": Look(
        Category.NETWORK_OR_SYSTEM,
        ("network",),
        "failures",
        "network",
        {"technical": 0.6, "issuer": 0.3},
        {"failure": 0.5, "slow": 0.4},
        ActionKind.ALERT,
        "one card scheme fails everywhere",
    ),
    "retry_storm": Look(
        Category.RETRY_OR_ROUTING,
        ("psp",),
        "repeats",
        "route",
        {"retry_limit": 0.6, "technical": 0.3},
        {"failure": 0.3, "attempts": 0.6, "repeats": 0.6},
        ActionKind.RETRY_POLICY,
        "the same payments come again and again",
    ),
    "routing_misconfig": Look(
        Category.RETRY_OR_ROUTING,
        ("psp", "method"),
        "failures",
        "route_part",
        {"config": 0.6, "routing": 0.3},
        {"failure": 0.8, "fast": 0.6},
        ActionKind.SUPPRESS,
        "payments were sent where nobody takes them",
    ),
    "card_testing": Look(
        Category.USER,
        ("merchant",),
        "attempts",
        "merchant",
        {"card_data": 0.6, "risk": 0.3},
        {"failure": 0.6, "attempts": 0.8},
        ActionKind.ALERT,
        "somebody tries stolen card numbers",
    ),
    "expired_cert": Look(
        Category.NETWORK_OR_SYSTEM,
        ("psp",),
        "failures",
        "route",
        {"tls": 0.9},
        {"failure": 0.9, "fast": 0.9},
        ActionKind.REROUTE,
        "the certificate of the endpoint has expired",
    ),
    "holiday_surge": Look(
        Category.NO_INCIDENT,
        (),
        "attempts",
        "all",
        {},
        {"attempts": 0.5},
        ActionKind.NONE,
        "more customers pay, and they succeed as usual",
    ),
    "webhook_lag": Look(
        Category.OUR_DATA,
        ("psp",),
        "pending",
        "route",
        {},
        {"pending": 0.7},
        ActionKind.ALERT,
        "the reports of success come late",
    ),
}
CAUSES = tuple(LOOKS)
EXCESSES = ("failure", "attempts", "pending", "repeats", "slow", "fast")
GROUPS = ("user", "issuer", "technical", "generic")


def past_incident(number: int, cause: str, rng: np.random.Generator) -> Lesson:
    """Draw an incident of a cause; one in seven has a wrong scope, one in seven a wrong lead."""
    look = LOOKS[cause]
    culprit = Segment({role: str(rng.choice(VALUES[role])) for role in look.roles})
    failures, attempts = int(rng.integers(10, 900)), int(rng.integers(900, 2000))
    return Lesson(
        incident_id=f"past-{number}",
        at=AT + timedelta(hours=number),
        cause=cause,
        category=look.category,
        culprit=culprit,
        shape=_shape(look, rng),
        action=look.action,
        effect=Effect.HELPED,
        payments_saved=float(rng.integers(0, 300)),
        decided_by="crew",
        text=f"{culprit}: {failures} failures of {attempts}. {look.action.value}: {look.words}.",
    )


def history(size: int, rng: np.random.Generator) -> list[Lesson]:
    """Draw incidents of all causes in turn."""
    return [past_incident(number, CAUSES[number % len(CAUSES)], rng) for number in range(size)]


def _shape(look: Look, rng: np.random.Generator) -> dict[str, float]:
    lead = look.lead if rng.random() > 1 / 7 else "failures"
    scope = (
        look.scope if rng.random() > 1 / 7 else str(rng.choice(["route", "issuer", "method", "all", "other"]))
    )
    shape = {f"{name}_excess": _noisy(look.excess.get(name, 0.0), rng) for name in EXCESSES}
    codes = {group: _noisy(share, rng) for group, share in look.codes.items()}
    for group in rng.choice(GROUPS, 2, replace=False):
        codes[str(group)] = codes.get(str(group), 0.0) + float(rng.uniform(0, 0.2))
    total = max(1.0, sum(codes.values()))
    shape |= {f"codes_{group}": share / total for group, share in codes.items()}
    return shape | {
        f"lead_{lead}": 1.0,
        f"scope_{scope}": 1.0,
        "share_explained": float(rng.uniform(0.5, 1.0)),
    }


def _noisy(mean: float, rng: np.random.Generator) -> float:
    return float(np.clip(mean * rng.uniform(0.4, 1.5) + rng.uniform(0, 0.08), 0, 1))
