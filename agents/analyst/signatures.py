"""The table `signatures.toml`: what each cause looks like, as probabilities of feature levels."""

import tomllib
from functools import cache
from importlib.resources import files
from math import log
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, model_validator

from payments.action import Fraction
from payments.codes import CodeGroup
from payments.incident import Category

LEVELS: dict[str, tuple[str, ...]] = {
    "lead": ("failures", "pending", "repeats", "attempts", "codes", "none"),
    "scope": (
        "all", "route", "route_part", "route_issuer", "issuer", "issuer_part",
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

_LEAST = 1e-3
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

    def log_likelihood(self, feature: str, level: str) -> float | None:
        """Give ln P(level | cause); None for a feature that says nothing about the cause."""
        table = self.features.get(feature)
        return None if table is None else _log_share(table, level, LEVELS[feature])

    def log_codes(self, shares: dict[str, float]) -> float | None:
        """Give the mean ln P(group | cause) over the excess; None for a cause without codes of its own."""
        if not self.codes:
            return None
        return sum(share * _log_share(self.codes, group, GROUPS) for group, share in shares.items())


def _log_share(table: dict[str, float], level: str, known: tuple[str, ...]) -> float:
    """What the table leaves over is shared by the levels that it does not name."""
    if level in table:
        return log(max(table[level], _LEAST))
    return log(max((1.0 - sum(table.values())) / (len(known) - len(table)), _LEAST))


@cache
def signatures() -> dict[str, CauseSignature]:
    """Read the table, by cause."""
    text = files("agents.analyst").joinpath("signatures.toml").read_text(encoding="utf-8")
    return {name: CauseSignature.model_validate(row) for name, row in tomllib.loads(text).items()}
