"""The limits of autonomous action, as data with bounds of their own."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    model_validator,
)

from payments.action import ActionKind, Fraction
from payments.errors import SettingsError
from payments.incident import Category

TABLE = "guardrails"
"""Name of the table in a TOML file."""

_Share = Annotated[float, Field(gt=0.0, le=1.0)]


class Policy(BaseModel):
    """What the crew may do alone; anything beyond asks a human or is blocked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    confidence_threshold: Fraction = 0.8
    """Least confidence to act alone; equality acts."""
    max_autonomous_volume: NonNegativeInt = 5000
    """Most payments per aggregation window in the scope of an action."""
    max_target_load: _Share = 0.95
    """Highest load of a target after a move, as a share of its capacity."""
    max_target_load_when_source_down: _Share = 1.0
    """The same while the source succeeds below `source_down_below`: then an idle reserve costs more."""
    source_down_below: Fraction = 0.8
    max_share_of_total_moved: _Share = 0.5
    """Most of all traffic that one action may move."""
    probe_share: Annotated[float, Field(ge=0.0, le=0.5)] = 0.02
    """Least share of the scope that stays on the source, so that its recovery is seen."""
    allowed_kinds: frozenset[ActionKind] = frozenset(ActionKind)
    rerouting_heals: frozenset[str] = frozenset(
        {"psp_outage", "psp_issuer_link", "expired_cert", "routing_misconfig", "psp_brownout"}
    )
    """Causes for which payments may leave a route without a human."""
    rerouting_harms: frozenset[str] = frozenset(
        {"issuer_outage", "card_testing", "retry_storm", "webhook_lag"}
    )
    """Causes for which nobody may move payments, nor anybody for the categories below."""
    rerouting_harms_categories: frozenset[Category] = frozenset(
        {Category.USER, Category.ISSUER, Category.NO_INCIDENT, Category.OUR_DATA}
    )
    retries_harm: frozenset[str] = frozenset({"issuer_outage", "card_testing", "retry_storm"})
    max_attempts_where_retries_harm: PositiveInt = 2
    max_unknown_share: Fraction = 0.5
    """Most of what the scope lost beyond the usual that may be of unknown outcome when payments move."""
    stale_after_windows: PositiveFloat = 2.0
    min_ticks_learned: NonNegativeInt = 60
    """Increments that the baseline must have learned from; 60 are five minutes of 5 s."""
    max_ineffective_repeats: NonNegativeInt = 1
    """Times that the same action on the same scope may have had no effect before."""
    min_expires_after_s: PositiveFloat = 60.0
    max_expires_after_s: PositiveFloat = 3600.0

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_expires_after_s > self.max_expires_after_s:
            low, high = self.min_expires_after_s, self.max_expires_after_s
            msg = f"min_expires_after_s {low!r} exceeds max_expires_after_s {high!r}"
            raise ValueError(msg)
        return self

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Self:
        """Make a policy from plain values, as a TOML table gives them.

        Raises:
            SettingsError: which key, its value, and what is allowed.
        """
        try:
            return cls.model_validate(dict(table))
        except ValidationError as error:
            raise SettingsError(_sentence(error)) from error

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the table `[guardrails]` of a TOML file; without the table the defaults hold.

        Raises:
            SettingsError: the file cannot be read, or a limit is unknown or out of range.
        """
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8")).get(TABLE, {})
        except (OSError, ValueError) as error:
            msg = f"settings file {str(path)!r} cannot be read: {error}"
            raise SettingsError(msg) from error
        if not isinstance(table, Mapping):
            msg = (
                f"{TABLE} = {table!r} in {str(path)!r} must be a table: write [{TABLE}] with one limit a line"
            )
            raise SettingsError(msg)
        return cls.of(table)


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join((TABLE, *(str(part) for part in first["loc"])))
    if first["type"] == "extra_forbidden":
        known = ", ".join(Policy.model_fields)
        return f"{key} = {first['input']!r} is not a limit that exists; the limits are {known}"
    return f"{key} = {first['input']!r} is not allowed: {first['msg'].removeprefix('Value error, ')}"
