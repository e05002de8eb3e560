"""The table `signatures.toml`: what each cause looks like, as probabilities of feature levels."""

import tomllib
from functools import cache
from importlib.resources import files
from math import log
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    model_validator,
)

from payments.codes import CodeGroup
from payments.diagnosis import Category
from payments.quantity import Fraction

LEVELS: dict[str, tuple[str, ...]] = {
    "lead": ("failures", "pending", "repeats", "slow", "attempts", "codes", "none"),
    "scope": (
        "all", "route", "route_part", "route_issuer", "issuer", "issuer_part", "issuer_network",
        "network", "method", "merchant", "merchant_part", "merchant_route", "country", "other",
    ),
    "attempts": ("strongly_up", "up", "flat", "down"),
    "repeats": ("strongly_up", "up", "flat"),
    "pending": ("strongly_up", "up", "flat"),
    "latency": ("slow", "fast", "flat"),
    "rate": ("total", "high", "moderate", "normal"),
    "calendar": ("planned", "unplanned"),
    "rest": ("normal", "abnormal"),
    "onset": ("step", "ramp"),
}  # fmt: skip
"""Every feature with its levels."""

TLS = "tls"
"""Codes of a secure connection that does not come about: technical ones that point to one endpoint."""

GROUPS: tuple[str, ...] = (*(str(group) for group in CodeGroup if group is not CodeGroup.UNKNOWN), TLS)

TABLE_WORTH = 20.0
"""Incidents that the table counts for: it knows the world, the simulator only itself."""

_INCIDENTS_PER_WORTH = 3.0
_LEAST = 1e-3
_LEAST_CODES = 0.05
"""Codes are what others chose to say: they never rule a cause out alone."""
_Shares = Annotated[dict[str, Fraction], Field(default_factory=dict)]


class CauseSignature(BaseModel):
    """One cause: how often it comes, and what it looks like when it does."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: Category
    prior: PositiveFloat
    words: str
    codes: _Shares
    features: dict[str, dict[str, Fraction]]

    @model_validator(mode="after")
    def _check(self) -> Self:
        tables = [("codes", self.codes, GROUPS)]
        for feature, table in self.features.items():
            if feature not in LEVELS:
                msg = f"unknown feature {feature!r}; there are {sorted(LEVELS)}"
                raise ValueError(msg)
            tables.append((feature, table, LEVELS[feature]))
        for feature, table, known in tables:
            if not set(table) <= set(known) or sum(table.values()) > 1.0:
                msg = f"{feature}: {table!r} must use the levels {known!r} and sum to at most 1"
                raise ValueError(msg)
        return self

    def updated(self, seen: "Incidents", worth: float) -> Self:
        """Give the posterior: the table counts as much as `worth` incidents, and they at most thrice that."""
        features = {
            name: _posterior(table, LEVELS[name], seen.features.get(name, {}), worth)
            for name, table in self.features.items()
        }
        codes = _posterior(self.codes, GROUPS, seen.codes, worth) if self.codes else {}
        return self.model_copy(update={"features": features, "codes": codes})

    def log_likelihood(self, feature: str, level: str) -> float | None:
        """Give ln P(level | cause); None for a feature that says nothing about the cause."""
        table = self.features.get(feature)
        return None if table is None else _log_share(table, level, LEVELS[feature])

    def log_codes(self, shares: dict[str, float]) -> float | None:
        """Give the mean ln P(group | cause) over the excess; None for a cause without codes of its own."""
        if not self.codes:
            return None
        return sum(
            share * _log_share(self.codes, group, GROUPS, _LEAST_CODES) for group, share in shares.items()
        )


class Incidents(BaseModel):
    """How many incidents of one cause had each level, and the sums of their shares of codes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    features: dict[str, dict[str, NonNegativeFloat]]
    codes: dict[str, NonNegativeFloat]


class Experience(BaseModel):
    """What simulated incidents of known cause looked like."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seeds: str
    episodes: NonNegativeInt
    causes: dict[str, Incidents]


def _share(table: dict[str, float], level: str, known: tuple[str, ...]) -> float:
    """What the table leaves over is shared by the levels that it does not name."""
    if level in table:
        return table[level]
    return max(0.0, 1.0 - sum(table.values())) / (len(known) - len(table))


def _log_share(table: dict[str, float], level: str, known: tuple[str, ...], least: float = _LEAST) -> float:
    return log(max(_share(table, level, known), least))


def _posterior(
    table: dict[str, float], known: tuple[str, ...], seen: dict[str, float], worth: float
) -> dict[str, float]:
    total = sum(seen.values())
    weight = min(1.0, _INCIDENTS_PER_WORTH * worth / total) if total else 0.0
    whole = worth + weight * total
    return {
        level: (worth * _share(table, level, known) + weight * seen.get(level, 0.0)) / whole
        for level in known
    }


@cache
def table() -> dict[str, CauseSignature]:
    """Read the table, by cause."""
    return {
        name: CauseSignature.model_validate(row)
        for name, row in tomllib.loads(_text("signatures.toml")).items()
    }


@cache
def signatures() -> dict[str, CauseSignature]:
    """Give the table, by cause, corrected by what simulated incidents looked like."""
    return corrected(Experience.model_validate_json(_text("experience.json")))


def corrected(experience: Experience) -> dict[str, CauseSignature]:
    """Give the table, by cause, corrected by experience."""
    seen = experience.causes
    return {
        cause: row.updated(seen[cause], TABLE_WORTH) if cause in seen else row
        for cause, row in table().items()
    }


def _text(name: str) -> str:
    return files("agents.analyst").joinpath(name).read_text(encoding="utf-8")
