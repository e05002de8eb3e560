"""All there is to know about one incident."""

from collections.abc import Iterator, Sequence
from itertools import chain

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from console.standing import History
from console.terminal.draw import Column, facts, literal, plain_list, section, table
from console.terminal.history import history_sections
from console.terminal.opinion import opinion_sections
from console.terminal.picture import evidence_table
from console.terminal.plain import confidence_words
from console.terminal.words import (
    action_words,
    clock,
    compared_words,
    count,
    duration,
    number,
    percent,
    saved_words,
)
from payments.action import touches_traffic
from payments.decision import Decision
from payments.diagnosis import Diagnosis, Hypothesis
from payments.finding import Signal
from payments.incident import Incident, Status
from payments.lesson import Lesson
from payments.outcome import Outcome
from payments.plan import Plan
from payments.verdict import Check, Verdict


def incident_page(
    incident: Incident, lessons: Sequence[Lesson] = (), history: History | None = None
) -> RenderableType:
    """Show an incident from its finding to its outcome; what has not happened yet is left out."""
    known = history or History()
    return Group(*_sections(incident, lessons or known.lessons, known))


def _sections(incident: Incident, lessons: Sequence[Lesson], history: History) -> Iterator[RenderableType]:
    yield section("Incident", _head(incident))
    yield section("Finding", _signals(incident.finding.signals))
    if incident.diagnosis is not None:
        yield from _diagnosis(incident.diagnosis)
    if lessons:
        yield section("Similar past incidents", plain_list([_lesson(lesson) for lesson in lessons]))
    if incident.plan is not None:
        yield section("Plan", *_plan(incident.plan))
    if incident.verdict is not None:
        yield section("Guardrails", *_verdict(incident.verdict))
    yield from opinion_sections(history.opinion)
    if incident.decision is not None and not history.decisions:
        yield section("Decision", _decision(incident.decision))
    yield from history_sections(incident, history)
    if incident.outcome is not None:
        yield section("Outcome", _outcome(incident.outcome))
    if incident.status is Status.WAITING:
        yield section("To decide", _commands(incident))


def _head(incident: Incident) -> Table:
    pairs = [
        ("id", incident.id),
        ("feed", incident.feed),
        ("status", incident.status.value),
        ("culprit", str(incident.culprit)),
        ("since", f"{incident.finding.since:%Y-%m-%d %H:%M:%S %Z}"),
        ("opened", f"{incident.opened_at:%Y-%m-%d %H:%M:%S %Z}"),
        ("updated", f"{incident.updated_at:%Y-%m-%d %H:%M:%S %Z}"),
    ]
    if incident.closed_because:
        pairs.append(("closed because", incident.closed_because))
    return facts(pairs)


def _signals(signals: Sequence[Signal]) -> Table:
    columns = (
        Column("signal"),
        Column("segment"),
        Column("since", whole=True),
        Column("observed", "right", whole=True),
        Column("expected", "right", whole=True),
        Column("attempts", "right", whole=True),
        Column("ln evidence", "right", whole=True),
    )
    rows = (
        (
            signal.kind.replace("_", " "),
            str(signal.segment),
            clock(signal.onset),
            number(signal.observed),
            number(signal.expected),
            number(signal.attempts),
            number(signal.log_evidence),
        )
        for signal in signals
    )
    return table(columns, rows)


def _diagnosis(diagnosis: Diagnosis) -> Iterator[RenderableType]:
    complement = "normal" if diagnosis.complement_normal else "not normal either"
    yield section(
        "Diagnosis",
        facts(
            [
                ("sentence", diagnosis.sentence),
                ("cause", f"{diagnosis.cause} ({diagnosis.category.words})"),
                ("confidence", confidence_words(diagnosis.confidence)),
                ("explains", f"{percent(diagnosis.share_explained)} of all that is in excess"),
                ("the rest", f"traffic outside the culprit is {complement}"),
                ("volume", f"{count(diagnosis.attempts_per_window)} attempts per window"),
            ]
        ),
    )
    yield section("Evidence", evidence_table(diagnosis.evidence) if diagnosis.evidence else Text("none"))
    ranked = sorted(diagnosis.hypotheses, key=lambda hypothesis: -hypothesis.probability)
    yield section("Hypotheses, the likeliest first", facts(chain.from_iterable(map(_hypothesis, ranked))))


def _hypothesis(hypothesis: Hypothesis) -> Iterator[tuple[str, Text]]:
    name = f"{hypothesis.cause} ({hypothesis.category.words}) of {hypothesis.culprit}"
    yield percent(hypothesis.probability), literal(name, "bold")
    yield from (("", literal(f"+ {reason}", "green")) for reason in hypothesis.speaks_for)
    yield from (("", literal(f"- {reason}", "red")) for reason in hypothesis.speaks_against)


def _lesson(lesson: Lesson) -> str:
    like = "" if lesson.similarity is None else f"{percent(lesson.similarity)} alike, "
    return f"{like}{lesson.at:%Y-%m-%d}, {lesson.incident_id[:8]}: {lesson.text}"


def _plan(plan: Plan) -> Iterator[RenderableType]:
    yield facts(
        [
            ("action", action_words(plan.action)),
            ("reason", plan.reason),
            ("should save", saved_words(plan.payments_saved)),
            ("undone after", duration(plan.expires_after_s) if touches_traffic(plan.action) else "-"),
        ]
    )
    if plan.alternatives:
        columns = (Column("alternative"), Column("should save"), Column("why not"))
        yield table(
            columns,
            (
                (action_words(other.action), saved_words(other.payments_saved), other.reason)
                for other in plan.alternatives
            ),
        )


def _verdict(verdict: Verdict) -> Iterator[RenderableType]:
    yield facts(
        [
            ("ruling", f"{verdict.ruling.value}, {verdict.risk} risk"),
            ("confidence", confidence_words(verdict.confidence)),
            ("sentence", verdict.sentence),
        ]
    )
    columns = (
        Column("check", style="bold"),
        Column("result", whole=True),
        Column("measured", "right", whole=True),
        Column("limit", "right", whole=True),
        Column("in words"),
    )
    yield table(columns, map(_check, verdict.checks))


def _check(check: Check) -> tuple[str | Text, ...]:
    result = Text("passed", "green") if check.passed else Text(f"FAILED, {check.on_failure}", "bold red")
    return check.name, result, *compared_words(check), check.sentence


def _decision(decision: Decision) -> Table:
    pairs = [("decided", f"{decision.type} by {decision.by} at {decision.at:%Y-%m-%d %H:%M:%S %Z}")]
    if decision.note:
        pairs.append(("note", decision.note))
    if decision.action is not None:
        pairs.append(("edited to", action_words(decision.action)))
    return facts(pairs)


def _outcome(outcome: Outcome) -> Table:
    pairs = [("effect", outcome.effect.value.replace("_", " ")), ("sentence", outcome.sentence)]
    if outcome.payments_saved is not None:
        pairs.append(("saved", saved_words(outcome.payments_saved)))
    if outcome.reverted_because:
        pairs.append(("undone because", outcome.reverted_because))
    return facts(pairs)


def _commands(incident: Incident) -> Text:
    short_id = literal(incident.id[:8]).plain
    commands = (
        "approve ID",
        "edit ID --share 0.1",
        "reject ID --note WHY",
        "respond ID --note WHAT",
        "ignore ID",
    )
    return Text("\n".join(f"run.py {command.replace('ID', short_id)}" for command in commands))
