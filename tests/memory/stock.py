"""Incidents, evidence and lessons to keep, made from a seed where they vary."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
from sqlalchemy import Engine

from memory.index import ChromaIndex
from memory.lessons import Lessons
from payments.action import ActionKind, Suppress
from payments.decision import Decision
from payments.diagnosis import Category
from payments.evidence import Evidence
from payments.finding import Finding, Signal
from payments.incident import Incident, Status
from payments.intervention import Intervention
from payments.lesson import Lesson
from payments.outcome import Effect, Outcome
from payments.plan import Interval, Plan
from payments.segment import Segment
from payments.window import Cells
from tools.database import open_database

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ALPHA = Segment.of(psp="alpha")
HOSTILE = (
    "a\0b",
    "'; DROP TABLE incidents; --",
    'quo"te%_\\',
    "💳🔥 नमस्ते",
    "\ud800 alone",
    "\u202e",
    "x" * 1_000_000,
)


@contextmanager
def database(where: str | Path) -> Iterator[Engine]:
    engine = open_database(where)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def indexed(engine: Engine, folder: Path, kept_for: timedelta | None = None) -> Iterator[Lessons]:
    """Open lessons as a new process would, over an index folder."""
    index = ChromaIndex(folder / "lessons")
    try:
        yield Lessons(engine, index, kept_for)
    finally:
        index.close()


def incident(
    incident_id: str = "abcd-1",
    *,
    culprit: Segment = ALPHA,
    status: Status = Status.OPEN,
    feed: str = "feed",
    opened_at: datetime = AT,
    plan: Plan | None = None,
    outcome: Outcome | None = None,
) -> Incident:
    signal = Signal(
        kind="failures",
        segment=culprit,
        onset=opened_at,
        observed=40,
        expected=3.5,
        attempts=90,
        log_evidence=55.0,
    )
    finding = Finding(at=opened_at, since=opened_at, signals=(signal,), threshold=12.0, ticks_learned=700)
    return Incident(
        id=incident_id,
        feed=feed,
        status=status,
        opened_at=opened_at,
        updated_at=opened_at,
        finding=finding,
        plan=plan,
        outcome=outcome,
    )


def decision(by: str = "asha", kind: Literal["approve", "reject"] = "approve") -> Decision:
    return Decision(type=kind, by=by, at=AT)


def plan(scope: Segment = ALPHA) -> Plan:
    saved = Interval(low=1, mean=2, high=3)
    return Plan(action=Suppress(scope=scope), payments_saved=saved, expires_after_s=600, reason="it fails")


def outcome(effect: Effect) -> Outcome:
    return Outcome(effect=effect, payments_saved=None, sentence="measured")


def intervention(key: str, feed: str = "feed") -> Intervention:
    return Intervention(
        key=key,
        incident_id="abcd-1",
        feed=feed,
        action=Suppress(scope=ALPHA),
        started_at=AT,
        expires_at=AT + timedelta(minutes=10),
    )


def evidence(cells: int, seed: int) -> Evidence:
    rng = np.random.default_rng(seed)
    keys = tuple((f"psp{number}", HOSTILE[number % 6]) for number in range(cells))
    attempts = rng.integers(1, 500, cells)
    return Evidence(
        since=AT,
        until=AT + timedelta(minutes=1),
        tick_s=5.0,
        cells=Cells(attributes=("psp", "merchant"), keys=keys),
        attempts=attempts,
        failures=rng.binomial(attempts, 0.3),
        pending=rng.integers(0, 3, cells),
        expected_attempts=rng.uniform(1, 500, cells),
        expected_failures=rng.uniform(0, 50, cells),
        expected_pending=rng.uniform(0, 3, cells),
        codes=("91", "96"),
        failures_by_code=rng.integers(0, 9, (cells, 2)),
        expected_by_code=rng.uniform(0, 9, (cells, 2)),
    )


def lesson(incident_id: str = "abcd-1", *, culprit: Segment = ALPHA, text: str = "It failed.") -> Lesson:
    return Lesson(
        incident_id=incident_id,
        at=AT,
        cause="psp_outage",
        category=Category.NETWORK_OR_SYSTEM,
        culprit=culprit,
        shape={"failure_excess": 0.5, "codes_technical": 0.9, "lead_failures": 1.0, "scope_route": 1.0},
        action=ActionKind.REROUTE,
        effect=Effect.HELPED,
        payments_saved=120.0,
        decided_by="asha",
        text=text,
    )
