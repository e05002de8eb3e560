"""From checks to a ruling, a risk and one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from guardrails.checks import run_checks
from guardrails.facts import Facts
from guardrails.policy import Policy
from payments.action import ActionKind, Check, Ruling, Verdict, touches_traffic

Risk = Literal["low", "medium", "high"]

_LEVELS: tuple[Risk, ...] = ("low", "medium", "medium", "high")
"""By the number of points that speak against the action; more points are as high."""
_BROAD_SHARE, _VERY_BROAD_SHARE = 0.05, 0.25
"""Shares of all traffic from which a move is more than a small one."""
_TIGHT = 0.95
"""Share of the allowed load from which little is left for a surge."""
_WORDS = {Ruling.ASK: "A human must decide", Ruling.BLOCK: "Forbidden"}


@dataclass(frozen=True)
class RiskOfficer:
    """Rules on plans by one policy."""

    policy: Policy

    def review(self, facts: Facts) -> Verdict:
        """Compare the plan with every guardrail: the strictest failure decides."""
        checks = run_checks(facts, self.policy)
        ruling = _ruling(checks)
        return Verdict(
            ruling=ruling,
            risk=_risk(facts, checks),
            confidence=facts.diagnosis.confidence,
            checks=checks,
            sentence=_sentence(facts, ruling, checks),
        )


def _ruling(checks: Sequence[Check]) -> Ruling:
    failures = {check.on_failure for check in checks if not check.passed}
    if "block" in failures:
        return Ruling.BLOCK
    return Ruling.ASK if "ask" in failures else Ruling.ACT


def _risk(facts: Facts, checks: Sequence[Check]) -> Risk:
    """Grade what could go wrong: breadth, tightness, and whether recovery stays visible."""
    if not touches_traffic(facts.action):
        return "low"
    share = facts.attempts_in_scope / max(facts.total_attempts_per_window, facts.attempts_in_scope, 1.0)
    load = next((check for check in checks if check.name == "capacity"), None)
    points = (share > _BROAD_SHARE) + (share > _VERY_BROAD_SHARE)
    points += facts.action.kind is ActionKind.SUPPRESS
    if load is not None:
        points += _is_tight(load) if load.passed else 2
    return _LEVELS[min(points, len(_LEVELS) - 1)]


def _is_tight(load: Check) -> bool:
    return load.measured is not None and load.limit is not None and load.measured > _TIGHT * load.limit


def _sentence(facts: Facts, ruling: Ruling, checks: Sequence[Check]) -> str:
    if ruling is Ruling.ACT:
        return f"All {len(checks)} checks passed. {_grounds(facts, checks)}"
    decides = "block" if ruling is Ruling.BLOCK else "ask"
    decisive = " ".join(c.sentence for c in checks if not c.passed and c.on_failure == decides)
    return f"{_WORDS[ruling]}: {decisive}"


def _grounds(facts: Facts, checks: Sequence[Check]) -> str:
    """Name the checks that people ask about first."""
    named = (
        ("confidence", "volume", "capacity")
        if facts.changes_traffic
        else ("confidence", "volume", "actuator")
    )
    return " ".join(check.sentence for check in checks if check.name in named)
