"""What the risk officer lets happen to a plan, and the rules that it compared it with."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from payments.quantity import Fraction


class Mode(StrEnum):
    """How far the crew may go: touch nothing, ask before each action, or act within the guardrails."""

    SHADOW = "shadow"
    COPILOT = "copilot"
    AUTOPILOT = "autopilot"


class Check(BaseModel):
    """One named rule with the numbers it compared."""

    model_config = ConfigDict(frozen=True)

    name: str
    passed: bool
    sentence: str
    on_failure: Literal["ask", "second", "block"]
    """Who may overrule it: a human (ask), two different ones (second), or nobody (block)."""
    measured: float | None = None
    limit: float | None = None


class Ruling(StrEnum):
    """What the risk officer lets happen."""

    ACT = "act"
    ASK = "ask"
    BLOCK = "block"


class Verdict(BaseModel):
    """The risk officer's ruling on a plan."""

    model_config = ConfigDict(frozen=True)

    ruling: Ruling
    risk: Literal["low", "medium", "high"]
    confidence: Fraction
    checks: tuple[Check, ...]
    sentence: str
    policy: str = ""
    """Which limits it was compared with: version and digest of the policy."""
    mode: Mode = Mode.AUTOPILOT

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that did not pass."""
        return tuple(check for check in self.checks if not check.passed)
