"""The post-incident report: one document, written as Markdown to keep or as a page to print."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from console.standing import History, ended_words, what_words
from console.terminal.clean import one_line
from console.terminal.plain import confidence_words
from console.terminal.words import (
    action_words,
    cause_words,
    clock,
    compared_words,
    percent,
    plan_words,
    quantity,
    saved_words,
    unit_words,
)
from console.web.incidents.listing import standing_of
from console.web.incidents.worth import money_words
from payments.diagnosis import Diagnosis
from payments.incident import Incident

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~$&!^@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""What Markdown, or one of its dialects, may read as more than text."""
_AT_THE_START = re.compile(r"(\d*)([-+=.)])(?=[-=\s]|$)", re.ASCII)
"""What begins a list, a rule or a title at the start of a line."""


@dataclass(frozen=True)
class Table:
    """Rows under a header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A part of the report; what it has not is left out."""

    title: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    table: Table | None = None


@dataclass(frozen=True)
class Report:
    """A whole report."""

    title: str
    sections: tuple[Section, ...]


def report_of(incident: Incident, history: History) -> Report:
    """Tell an incident from its finding to what was learned."""
    title = incident.diagnosis.sentence if incident.diagnosis else f"A change in {incident.culprit}"
    return Report(title, tuple(_sections(incident, history)))


def markdown_of(report: Report) -> str:
    """Write a report as Markdown; nothing that others named can become more than text in it."""
    parts = [f"# {_line(report.title)}"]
    for section in report.sections:
        parts.append(f"## {_line(section.title)}")
        parts += [_line(paragraph) for paragraph in section.paragraphs]
        parts += ["\n".join(f"* {_line(item)}" for item in section.items)] if section.items else []
        parts += [_table(section.table)] if section.table else []
    return "\n\n".join(parts) + "\n"


def _sections(incident: Incident, history: History) -> Iterator[Section]:
    yield Section("Summary", table=Table(("", ""), tuple(_summary(incident))))
    if incident.diagnosis is not None:
        yield from _diagnosis(incident.diagnosis)
    if incident.plan is not None:
        yield Section("What was proposed", (plan_words(incident.plan), incident.plan.reason))
    if incident.verdict is not None:
        yield _checks(incident)
    yield from _afterwards(incident, history)
    if history.lessons:
        said = [f"{one.at:%Y-%m-%d}, {one.incident_id[:8]}: {one.text}" for one in history.lessons]
        yield Section("Similar incidents before", items=tuple(said))


def _summary(incident: Incident) -> Iterator[tuple[str, str]]:
    diagnosis, plan, outcome = incident.diagnosis, incident.plan, incident.outcome
    yield "incident", incident.id
    yield "feed", incident.feed
    yield "state", standing_of(incident).words
    yield "began", f"{incident.finding.since:%Y-%m-%d %H:%M:%S %Z}"
    yield "found", f"{incident.opened_at:%Y-%m-%d %H:%M:%S %Z}"
    yield "last changed", f"{incident.updated_at:%Y-%m-%d %H:%M:%S %Z}"
    yield "affected", str(incident.culprit)
    if diagnosis is not None:
        yield "cause", f"{cause_words(diagnosis.cause)} ({diagnosis.category.words})"
        yield "confidence", confidence_words(diagnosis.confidence)
    if plan is not None:
        yield "should have saved", saved_words(plan.payments_saved)
        if money := money_words(plan.money_saved_minor, plan.currency):
            yield "in money", money
    if outcome is not None:
        yield "effect", outcome.effect.value.replace("_", " ")
        if outcome.payments_saved is not None:
            yield "saved", saved_words(outcome.payments_saved)
    if incident.closed_because:
        yield "closed because", incident.closed_because


def _diagnosis(diagnosis: Diagnosis) -> Iterator[Section]:
    complement = "normal" if diagnosis.complement_normal else "not normal either"
    explained = f"{percent(diagnosis.share_explained)} of all that is in excess lies in the culprit"
    rows = tuple(
        (
            item.label,
            quantity(item.observed, item.unit),
            quantity(item.expected, item.unit),
            unit_words(item.unit),
        )
        for item in diagnosis.evidence
    )
    yield Section(
        "Evidence",
        (f"{explained}; traffic outside it is {complement}.",),
        table=Table(("evidence", "observed", "expected", "unit"), rows),
    )
    ranked = sorted(diagnosis.hypotheses, key=lambda one: -one.probability)
    yield Section(
        "What it may be",
        table=Table(
            ("probability", "cause", "speaks for it", "speaks against it"),
            tuple(
                (
                    percent(one.probability),
                    f"{cause_words(one.cause)} ({one.category.words})",
                    "; ".join(one.speaks_for) or "-",
                    "; ".join(one.speaks_against) or "-",
                )
                for one in ranked
            ),
        ),
    )


def _checks(incident: Incident) -> Section:
    verdict = incident.verdict
    checks = verdict.checks if verdict else ()
    rows = tuple(
        (check.name, "passed" if check.passed else "failed", *compared_words(check), check.sentence)
        for check in checks
    )
    said = (
        (verdict.sentence, f"Policy {verdict.policy or '-'}, mode {verdict.mode.value}.") if verdict else ()
    )
    return Section(
        "What the guardrails said",
        said,
        table=Table(("check", "result", "measured", "limit", "in words"), rows),
    )


def _afterwards(incident: Incident, history: History) -> Iterator[Section]:
    if history.decisions:
        said = [
            f"Question {one.question}: {one.words}{': ' if one.note else ''}{one.note}"
            + (f"; edited to: {action_words(one.action)}" if one.action else "")
            for one in history.decisions
        ]
        yield Section("Who decided what", items=tuple(said))
    if history.interventions:
        rows = tuple(
            (
                clock(one.started_at),
                clock(one.ended_at or one.expires_at),
                what_words(one),
                ended_words(one) if one.ended_at else "not ended",
            )
            for one in history.interventions
        )
        yield Section("What was done", table=Table(("from", "to", "what", "end"), rows))
    if incident.outcome is not None:
        yield Section("What came of it", (incident.outcome.sentence,))
    if history.path:
        path = tuple((clock(step.at), step.agent.replace("_", " "), step.said) for step in history.path)
        yield Section("Who said what", table=Table(("at", "who", "said"), path))


def _table(table: Table) -> str:
    rows = [table.header, tuple("---" for _ in table.header), *table.rows]
    return "\n".join(_row(row, escaped=at != 1) for at, row in enumerate(rows))


def _row(cells: Sequence[str], *, escaped: bool) -> str:
    return f"| {' | '.join(_text(cell) if escaped else cell for cell in cells)} |"


def _line(text: str) -> str:
    """Make foreign text a line of plain Markdown."""
    plain = _text(text)
    begins = _AT_THE_START.match(plain)
    return f"{begins[1]}\\{plain[begins.start(2) :]}" if begins else plain


def _text(text: str) -> str:
    """Make foreign text plain within a line."""
    return _SPECIAL.sub(r"\\\g<0>", one_line(text))
