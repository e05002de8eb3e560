"""The table of what each action does under each cause."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat

from payments.action import ActionKind
from payments.tally import Tally

Share = Annotated[float, Field(ge=-1.0, le=1.0)]
Stake = Literal["attempts", "slow"]


class Remedy(BaseModel):
    """One cause's row; the comment at the top of `remedies.toml` explains the columns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    because: str
    at_stake: tuple[Stake, ...] = ()
    reroute_traffic: Share = 0.0
    suppress_failing_path: Share = 0.0
    suppress_alive: bool = False
    adjust_retry_policy: Share = 0.0
    alert_operators: Share = 0.0
    max_attempts: Annotated[int, Field(ge=1, le=10)] | None = None
    backoff_s: NonNegativeFloat = 0.0

    def effect(self, kind: ActionKind) -> float:
        """Give the share won (above 0) or lost (below 0) by this kind of action."""
        return 0.0 if kind is ActionKind.NONE else float(getattr(self, kind.value))

    def surplus(self, tally: Tally) -> float:
        """Give the attempts beyond the forecast as a share of all, where these are what can be won back."""
        if "attempts" not in self.at_stake or not tally.attempts:
            return 0.0
        return max(0.0, tally.attempts - tally.expected_attempts) / tally.attempts


UNKNOWN = Remedy(because="the cause is not one that the crew has a remedy for", alert_operators=0.3)
"""People may know what to do where the table does not."""


@cache
def remedies() -> Mapping[str, Remedy]:
    """Read the table `remedies.toml`, by cause."""
    text = files("agents.planner").joinpath("remedies.toml").read_text(encoding="utf-8")
    return {cause: Remedy.model_validate(row) for cause, row in tomllib.loads(text).items()}


def remedy_for(cause: str) -> Remedy:
    """Give a cause's row; for an unknown cause, that only people may help."""
    return remedies().get(cause, UNKNOWN)
