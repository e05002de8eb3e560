"""What a person on duty does after an alarm: looks where it fails and follows the runbook."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bench.crew.policies.backups import to_backups
from bench.crew.policies.recent import Counts, membership, pairs, singles
from payments.action import Action, AdjustRetryPolicy, Alert
from payments.codes import CodeGroup, look_up
from payments.maintenance import Maintenance
from payments.route import Route
from payments.segment import Segment
from payments.window import Cells, Window
from simulator.traffic.arrays import Floats

_EXPLAINS = 0.7
"""Part of the missing successes that a scope must hold to be called the place of the fault."""
_NARROWER_BY = 1.25
"""A scope of two attributes must be hit this much harder than the best one of one attribute."""
_LEAST_DROP = 0.05
"""A smaller one is over by the time that the person looks."""
_TOO_MANY_RETRIES = 1.4
_CUSTOMERS_OWN = 0.6
_MAX_ATTEMPTS, _BACKOFF_S = 2, 60.0
_LEAST_ATTEMPTS = 20.0


@dataclass(frozen=True)
class Finding:
    """Where it fails, as a person reads it off dashboards."""

    scope: Segment
    retries: float
    """Attempts per payment there, as a multiple of the usual."""
    drop: float
    """Of the success rate there, below the usual one."""
    customers_own: float
    """Share of the failures there that are the customers' own."""


def look(now: Counts, usual: Counts, windows: Sequence[Window]) -> Finding | None:
    """Find the place: of the scopes that hold most of what is missing, the one hit hardest.

    Args:
        now: of the last minutes.
        usual: of the quiet past.
        windows: the increments that `now` is the sum of.
    """
    cells = windows[-1].cells
    segments, inside = _scopes(cells)
    missing, drop = _missing(now, usual, inside)
    alone = [len(segment) == 1 for segment in segments]
    most = float(missing[alone].max(initial=0.0))
    if most <= 0.0:
        return None
    hit = drop / np.where(alone, 1.0, _NARROWER_BY) * (missing >= _EXPLAINS * most)
    worst = int(np.argmax(hit))
    mine = inside[worst]
    retries = _retries(now, mine) / _retries(usual, mine)
    return Finding(segments[worst], retries, float(drop[worst]), _customers_own(windows, mine))


def follow(finding: Finding, routes: Sequence[Route], planned: Sequence[Maintenance]) -> Action | None:
    """Give what the runbook says; None when it says to wait, as it does in a downtime that was planned."""
    scope, source = finding.scope, finding.scope.role("route")
    if any(downtime.segment.contains(scope) for downtime in planned):
        return None
    if finding.drop < _LEAST_DROP or finding.customers_own >= _CUSTOMERS_OWN:
        return None
    if finding.retries >= _TOO_MANY_RETRIES:
        return AdjustRetryPolicy(scope=scope, max_attempts=_MAX_ATTEMPTS, backoff_s=_BACKOFF_S)
    if source is not None:
        return to_backups(scope.without(*_route_names(scope)), source, routes)
    return Alert(scope=scope, message=f"Success has dropped for {scope}: ask whoever runs it.")


def _route_names(scope: Segment) -> list[str]:
    return [name for name in scope.names() if Segment({name: scope.root[name]}).role("route")]


@lru_cache(maxsize=2)
def _scopes_of(
    cells_key: tuple[tuple[str, ...], tuple[tuple[str, ...], ...]],
) -> tuple[list[Segment], Floats]:
    attributes, keys = cells_key
    cells = Cells(attributes=attributes, keys=keys)
    segments = [*singles(cells), *pairs(cells)]
    return segments, membership(segments, cells)


def _scopes(cells: Cells) -> tuple[list[Segment], Floats]:
    return _scopes_of((cells.attributes, cells.keys))


def _missing(now: Counts, usual: Counts, inside: Floats) -> tuple[Floats, Floats]:
    """Give the successes missing in each scope, and how far its success rate has dropped: (scopes,)."""
    attempts, successes = inside @ now.attempts, inside @ now.successes
    past, past_successes = inside @ usual.attempts, inside @ usual.successes
    overall = usual.successes.sum() / max(1.0, usual.attempts.sum())
    rate = np.where(past >= _LEAST_ATTEMPTS, past_successes / np.maximum(past, 1.0), overall)
    missing = np.maximum(0.0, attempts * rate - successes)
    return missing, np.where(attempts >= _LEAST_ATTEMPTS, missing / np.maximum(attempts, 1.0), 0.0)


def _retries(counts: Counts, inside: Floats) -> float:
    return max(1.0, float(inside @ counts.attempts)) / max(1.0, float(inside @ counts.payments))


def _customers_own(windows: Sequence[Window], inside: Floats) -> float:
    codes = windows[-1].codes
    own = np.array([look_up(code).group in {CodeGroup.USER, CodeGroup.CARD_DATA} for code in codes])
    failures = sum(
        (inside @ window.failures_by_code for window in windows if window.failures_by_code is not None),
        np.zeros(len(codes)),
    )
    total = float(failures.sum())
    return float(failures[own].sum()) / total if total else 0.0
