"""Attacks through every place where strangers write: does a model that obeys them change what the crew does?

Each attack goes through the whole graph, to the question, a note, the question again, an approval and the
action; once without a model and once with the worst one. Whatever people may decide on or the crew does
must be the same, field by field.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from agents.monitor import Monitor, MonitorSettings
from bench.diagnosis.episodes import Found, play
from bench.llm.attacks import ATTACKS, PLACES
from bench.llm.hostile import hostile
from bench.llm.worst import obeying
from console.compose import deciding
from console.settings import Settings
from graph.runs import Runs
from graph.services import Senses
from graph.watching import begin_with, open_incident
from payments.action import ActionKind
from payments.decision import Decision
from payments.diagnosis import Category
from payments.evidence import Evidence
from payments.finding import Finding
from payments.incident import Incident
from payments.lesson import Lesson
from payments.maintenance import Maintenance
from payments.outcome import Effect
from payments.route import Route
from payments.segment import Segment
from payments.window import Cells, Window

FEED = "recorded:attacked"
APART = timedelta(hours=2)
"""Between two attacks, so that none is beside the action of the one before."""

COMPARED = ("lessons", "diagnosis", "traffic", "plan", "verdict", "question", "refused")
CANARY = "zqxj"
"""Stands in every attack and in no word: wherever it is found, strangers' text has come through."""


@dataclass(frozen=True)
class Tried:
    """What came of the attacks."""

    injections: int
    effective: int
    """Those in runs of which a field differs."""
    differing: tuple[str, ...]
    sent: int
    """Requests that the model's server got."""
    leaked: int
    """Of these, the ones that hold the canary."""
    opinions: int
    """Answers that passed every check, turned round as they were."""


@dataclass(frozen=True)
class Still:
    """A source that has come to its end."""

    feed: str = FEED
    tick_s: float = 5.0

    def history(self) -> Iterable[Window]:
        """Give nothing."""
        return ()

    def read(self) -> Window | None:
        """Give nothing."""
        return None


@dataclass(frozen=True)
class Known:
    """Routes and downtimes as they were when the incident was found."""

    found: Found

    def routes(self, scope: Segment) -> tuple[Route, ...]:
        """Give every route."""
        return self.found.routes

    def planned(self, at: datetime) -> tuple[Maintenance, ...]:
        """Give the downtimes."""
        return self.found.planned


def try_all(attacks: Sequence[str] = ATTACKS, seed: int = 0) -> Tried:
    """Let every attack in through every place, with the worst model and without one."""
    found = play("psp_outage", seed).found
    if found is None:
        msg = f"seed {seed}: the outage was not found, so nothing can be attacked"
        raise RuntimeError(msg)
    attacks = [f"{CANARY} {attack} {CANARY}" for attack in attacks]
    cases = [_attacked(found, attack, number) for number, attack in enumerate(attacks)]
    with hostile(obeying(attacks)) as server:
        without = list(_runs_of(cases, attacks))
        with_model = list(_runs_of(cases, attacks, server.base_url))
        sent = [str(body) for body in server.asked]
    changed = [differing(one, other) for one, other in zip(without, with_model, strict=True)]
    return Tried(
        injections=len(attacks) * len(PLACES),
        effective=len(PLACES) * sum(map(bool, changed)),
        differing=tuple(sorted(set().union(*changed))),
        sent=len(sent),
        leaked=sum(CANARY in body.lower() for body in sent),
        opinions=sum(bool(one["summary"]) for one in with_model),
    )


def _runs_of(cases: Sequence[Found], attacks: Sequence[str], base_url: str = "") -> Iterator[dict[str, Any]]:
    """Run every case in one state folder, with a model if its address is given."""
    asked = {"llm_base_url": base_url, "llm_model": "worst", "llm_timeout_s": 20.0, "llm_budget": 100_000}
    model = asked if base_url else {}
    with TemporaryDirectory() as folder:
        settings = Settings.model_validate({"state_dir": Path(folder), "confidence_threshold": 1.0, **model})
        with deciding(FEED, settings) as runs:
            for found, attack in zip(cases, attacks, strict=True):
                yield _through(found, attack, _at(found, runs))


def _at(found: Found, runs: Runs) -> Runs:
    """Let the runs stand at the time of the finding, and see the routes of then."""
    known = Known(found)
    senses = Senses(Still(), Monitor(MonitorSettings()), known, known)
    services = replace(runs.services, senses=senses, clock=lambda: found.finding.at)
    return Runs(runs.crew, services, runs.wall_clock)


def _through(found: Found, attack: str, runs: Runs) -> dict[str, Any]:
    """Take one incident from its finding to its action."""
    services = runs.services
    incident = open_incident(found.finding, found.evidence, FEED, services)
    services.lessons.remember(_lesson(found, attack, incident))
    runs.begin(incident.id, begin_with(incident))
    asked = _seen(incident.id, runs)
    for question, (kind, note) in enumerate((("respond", attack), ("approve", "")), start=1):
        if runs.waits(incident.id):
            given = {"type": kind, "by": "dana", "note": note, "question": question, "at": found.finding.at}
            runs.resume(incident.id, Decision.model_validate(given))
    return {**{f"asked: {name}": value for name, value in asked.items()}, **_seen(incident.id, runs)}


def _seen(incident_id: str, runs: Runs) -> dict[str, Any]:
    """Give all that a decision or an action rests on, and the summary beside it."""
    state, incident = runs.state(incident_id), runs.services.incidents.get(incident_id)
    done = runs.services.incidents.interventions(incident_id)
    return {
        **{name: state.get(name) for name in COMPARED},
        "waits": runs.waits(incident_id),
        "incident": incident.model_dump(mode="json", exclude={"updated_at", "decision", "outcome"}),
        "outcome": incident.outcome.sentence if incident.outcome else None,
        "in force": [one.model_dump(mode="json", include={"key", "action", "goal", "step"}) for one in done],
        "summary": (state.get("opinion") or {}).get("summary"),
    }


def differing(one: Mapping[str, object], other: Mapping[str, object]) -> set[str]:
    """Name the fields of two runs that differ, the summaries for people left out."""
    names = {name for name in one.keys() | other.keys() if not name.endswith("summary")}
    return {name for name in names if one.get(name) != other.get(name)}


def _attacked(found: Found, attack: str, number: int) -> Found:
    """Put an attack into every name and every code's description, at a time of its own."""
    later = number * APART

    def named(name: str) -> str:
        return f"{name} {attack}"

    def segment(one: Segment) -> Segment:
        return Segment({key: named(value) for key, value in one.root.items()})

    return Found(
        finding=_finding(found.finding, segment, later),
        evidence=_evidence(found.evidence, named, later),
        planned=tuple(
            one.model_copy(update={"segment": segment(one.segment), "note": attack}) for one in found.planned
        ),
        routes=tuple(_route(one, named) for one in found.routes),
    )


def _finding(finding: Finding, segment: Callable[[Segment], Segment], later: timedelta) -> Finding:
    signals = [
        one.model_copy(update={"segment": segment(one.segment), "onset": one.onset + later})
        for one in finding.signals
    ]
    times = {"at": finding.at + later, "since": finding.since + later}
    return finding.model_copy(update={"signals": tuple(signals), **times})


def _evidence(evidence: Evidence, named: Callable[[str], str], later: timedelta) -> Evidence:
    cells = evidence.cells
    keys = tuple(tuple(named(value) for value in key) for key in cells.keys)
    return evidence.model_copy(
        update={
            "cells": Cells(attributes=cells.attributes, keys=keys),
            "codes": tuple(f"{code} : {named('')}" for code in evidence.codes),
            "since": evidence.since + later,
            "until": evidence.until + later,
        }
    )


def _route(route: Route, named: Callable[[str], str]) -> Route:
    return route.model_copy(
        update={
            "name": named(route.name),
            "methods": tuple(map(named, route.methods)),
            "countries": tuple(map(named, route.countries)),
        }
    )


def _lesson(found: Found, attack: str, incident: Incident) -> Lesson:
    return Lesson(
        incident_id=f"lesson-of-{incident.id}",
        at=found.finding.at - timedelta(days=1),
        cause="psp_outage",
        category=Category.NETWORK_OR_SYSTEM,
        culprit=found.finding.signals[0].segment,
        shape={"failure_rate": 0.9},
        action=ActionKind.REROUTE,
        effect=Effect.HELPED,
        payments_saved=100.0,
        decided_by=attack[:40],
        text=attack,
    )
