"""The fixed-rule agent that the crew replaces: sixty seconds, one list of rules, no baseline, no undo."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from bench.crew.policies.backups import to_backups
from bench.crew.policies.policy import Move, Seen
from bench.crew.policies.recent import Recent, singles
from payments.action import Action, AdjustRetryPolicy, Alert, Suppress
from payments.codes import CodeGroup, look_up
from payments.route import Route
from payments.segment import Segment, role_of
from payments.window import LATENCY_EDGES_MS, Window
from simulator.traffic.arrays import Floats

_RULES = Path(__file__).with_name("fixed_rules.toml")
_WINDOW_S, _EXPIRES_AFTER_S = 60.0, 900.0
_SLOW_MS = 3_000.0
_MAX_ATTEMPTS, _BACKOFF_S = 2, 30.0

Deed = Literal["nothing", "suppress", "reroute", "retry_policy", "alert"]


class Rule(BaseModel):
    """One row: it holds when its fact is below the one limit, or at least the other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    fact: str
    below: float | None = None
    at_least: float | None = None
    does: Deed
    confidence: float = 1.0

    def holds(self, facts: Mapping[str, float]) -> bool:
        """Compare the fact with the limit."""
        fact = facts[self.fact]
        return (self.below is not None and fact < self.below) or (
            self.at_least is not None and fact >= self.at_least
        )


@cache
def rules() -> tuple[Rule, ...]:
    """Read the rules, in their order."""
    table = tomllib.loads(_RULES.read_text(encoding="utf-8"))
    return tuple(Rule.model_validate(row) for row in table["rules"])


@dataclass(frozen=True)
class _Minute:
    """Sixty seconds added up."""

    window: Window
    codes: Floats
    """Failures by code, (codes,)."""
    failures: Floats
    """By cell, (cells,)."""
    payments: float
    slow: float
    """Attempts that took longer than a limit, as a share of all."""

    def most(self, role: str, within: Segment) -> tuple[Segment, float]:
        """Give the value of a role with most failures within a segment, and its share of them."""
        cells = self.window.cells
        inside = self.failures * cells.mask(within)
        values = [one for one in singles(cells) if role_of(next(one.names())) == role]
        counts = [float(inside[cells.mask(one)].sum()) for one in values]
        if not counts:
            return Segment({}), 0.0
        first = int(np.argmax(counts))
        return values[first], counts[first] / max(1.0, float(inside.sum()))


def facts(minute: _Minute) -> dict[str, float]:
    """Give what the rules ask for."""
    groups = [look_up(code).group for code in minute.window.codes]
    total = max(1.0, float(minute.codes.sum()))

    def share(mine: Callable[[str, CodeGroup], bool]) -> float:
        marked = [mine(code, group) for code, group in zip(minute.window.codes, groups, strict=True)]
        return float(minute.codes[np.array(marked, dtype=np.bool_)].sum()) / total

    return {
        "payments": minute.payments,
        "user_share": share(lambda _, group: group in {CodeGroup.USER, CodeGroup.CARD_DATA}),
        "issuer_down_share": share(lambda _, group: group is CodeGroup.ISSUER),
        "one_bank_share": minute.most("issuer", Segment({}))[1],
        "timeout_share": share(lambda code, _: code in {"timeout", "UP", "BT"}),
        "network_share": share(lambda code, group: group is CodeGroup.TECHNICAL and code != "timeout"),
        "slow_share": minute.slow,
    }


@dataclass
class FixedRules:
    """Looks once a minute, and not while an action of its own is in force."""

    name: str = "fixed_rules"
    _recent: Recent = field(default_factory=lambda: Recent(_WINDOW_S))
    _held: Move = field(default_factory=Move)
    _looks_at: datetime | None = None

    def decide(self, seen: Seen) -> Move:
        """Take the first rule that holds."""
        self._recent.add(seen.window)
        if not self._recent.full or (self._looks_at is not None and seen.now < self._looks_at):
            return self._held
        minute = _minute(self._recent)
        found = facts(minute)
        rule = next((rule for rule in rules() if rule.holds(found)), None)
        action = _action(rule.does, minute, seen.routes) if rule else None
        in_force_s = _EXPIRES_AFTER_S if action is not None else _WINDOW_S
        self._looks_at = seen.now + timedelta(seconds=in_force_s)
        said = f"{rule.name}: {rule.does} at {rule.confidence:.2f}" if rule and action else ""
        self._held = Move(actions=(action,) if action else (), said=said)
        return self._held


def _action(does: Deed, minute: _Minute, routes: tuple[Route, ...]) -> Action | None:
    bank, _ = minute.most("issuer", Segment({}))
    route, _ = minute.most("route", bank)
    path = Segment({**bank.root, **route.root})
    if does == "suppress":
        return Suppress(scope=path)
    if does == "reroute":
        source = path.role("route")
        return to_backups(bank, source, routes) if source else None
    if does == "retry_policy":
        return AdjustRetryPolicy(scope=bank, max_attempts=_MAX_ATTEMPTS, backoff_s=_BACKOFF_S)
    return Alert(scope=bank, message="Look at this.") if does == "alert" else None


def _minute(recent: Recent) -> _Minute:
    windows = recent.windows
    last = windows[-1]
    latency = np.sum([w.latency.sum(axis=0) for w in windows if w.latency is not None], axis=0)
    slow = latency[np.searchsorted(LATENCY_EDGES_MS, _SLOW_MS, side="right") :].sum() if latency.size else 0
    return _Minute(
        window=last,
        codes=np.sum(
            [w.failures_by_code.sum(axis=0) for w in windows if w.failures_by_code is not None],
            axis=0,
            dtype=np.float64,
        )
        + np.zeros(len(last.codes)),
        failures=np.sum([w.failures for w in windows], axis=0, dtype=np.float64),
        payments=float(sum((w.attempts if w.payments is None else w.payments).sum() for w in windows)),
        slow=float(slow) / max(1.0, float(latency.sum())),
    )
