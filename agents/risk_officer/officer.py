"""From checks to a ruling, a risk and one sentence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal, assert_never

from guardrails.checks import FOR_GOING_ON, run_checks
from guardrails.facts import Facts
from guardrails.policy import Policy
from payments.action import ActionKind, touches_traffic
from payments.verdict import Check, Ruling, Verdict

Risk = Literal["low", "medium", "high"]

_LEVELS: tuple[Risk, ...] = ("low", "medium", "medium", "high")
"""By the number of points that speak against the action; more points are as high."""
_BROAD_SHARE, _VERY_BROAD_SHARE = 0.05, 0.25
"""Shares of all traffic from which a move is more than a small one."""
_TIGHT = 0.95
"""Share of the allowed load from which little is left for a surge."""
_PEOPLE_NEEDED = {"ask": 1, "second": 2, "block": inf}
"""How many different people can overrule a failed check."""


@dataclass(frozen=True)
class RiskOfficer:
    """Rules on plans by one policy."""

    policy: Policy

    def review(self, facts: Facts) -> Verdict:
        """Compare the plan with every guardrail: the strictest failure decides."""
        checks = run_checks(facts, self.policy)
        ruling = _ruling(checks, facts.people)
        return Verdict(
            ruling=ruling,
            risk=_risk(facts, checks),
            confidence=facts.diagnosis.confidence,
            checks=checks,
            sentence=_sentence(facts, ruling, checks),
            policy=self.policy.label,
            mode=facts.mode,
        )

    def holds_back(self, facts: Facts) -> Check | None:
        """Give what forbids to extend or renew an action in force; None when nothing does."""
        checks = (rule(facts, self.policy) for rule in FOR_GOING_ON)
        failed = (check for check in checks if check is not None and not check.passed)
        return next((check for check in failed if _PEOPLE_NEEDED[check.on_failure] > facts.people), None)


def _ruling(checks: Sequence[Check], people: int) -> Ruling:
    """Let pass what enough different people have said yes to; what is blocked nobody may overrule."""
    needed = max((_PEOPLE_NEEDED[check.on_failure] for check in checks if not check.passed), default=0)
    if needed > people:
        return Ruling.BLOCK if needed == inf else Ruling.ASK
    return Ruling.ACT


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
    failed = [check for check in checks if not check.passed]
    match ruling:
        case Ruling.BLOCK:
            return f"Forbidden: {_said(check for check in failed if check.on_failure == 'block')}"
        case Ruling.ASK:
            open_ = [check for check in failed if _PEOPLE_NEEDED[check.on_failure] > facts.people]
            two = any(check.on_failure == "second" for check in open_)
            who = "Two people" if two and not facts.people else "A second person" if two else "A human"
            return f"{who} must decide: {_said(open_)}"
        case Ruling.ACT if failed:
            return f"{' and '.join(facts.approvers)} overruled: {_said(failed)}"
        case Ruling.ACT:
            return f"All {len(checks)} checks passed. {_grounds(facts, checks)}"
    assert_never(ruling)


def _said(checks: Iterable[Check]) -> str:
    return " ".join(check.sentence for check in checks)


def _grounds(facts: Facts, checks: Sequence[Check]) -> str:
    """Name the checks that people ask about first."""
    named = {"confidence", "volume", "capacity" if facts.changes_traffic else "mode"}
    return _said(check for check in checks if check.name in named)
