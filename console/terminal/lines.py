"""The watch as a log, one line a matter, for pipes, CI and terminals that cannot redraw."""

from collections.abc import Iterator
from typing import Self, TextIO

from console.terminal.clean import one_line
from console.terminal.plain import confidence_words, risk_words
from console.terminal.words import action_words, clock, count, duration, number, percent
from graph.report import CycleReport, IncidentBrief
from payments.incident import Status
from payments.observation import Summary
from payments.verdict import Mode

QUIET_CYCLES_PER_LINE = 12


class LineView:
    """Writes a line for all that happens, and one now and then while nothing does."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._cycles_since_line = QUIET_CYCLES_PER_LINE
        self._told: dict[str, str] = {}
        self._notes: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.flush()

    def update(self, report: CycleReport) -> None:
        """Write what this cycle adds."""
        lines = [*self._happenings(report)]
        self._cycles_since_line += 1
        if self._cycles_since_line >= QUIET_CYCLES_PER_LINE or (lines and self._cycles_since_line > 1):
            lines.insert(0, f"traffic   {summary_words(report.window)}")
            self._cycles_since_line = 0
        for line in lines:
            self._stream.write(f"{clock(report.at)}  {line}\n")
        self._stream.flush()

    def _happenings(self, report: CycleReport) -> Iterator[str]:
        yield from (f"note      {one_line(note)}" for note in report.notes if note not in self._notes)
        self._notes = report.notes
        yield from (f"event     {one_line(event)}" for event in report.events)
        if report.incident is not None and self._is_news(report.incident):
            yield f"incident  {brief_words(report.incident)}"
            yield from _details(report)
        for brief in report.other_incidents:
            if self._is_news(brief):
                yield f"incident  {brief_words(brief)}"

    def _is_news(self, brief: IncidentBrief) -> bool:
        now = f"{brief.status}|{brief.cause}|{brief.culprit}|{brief.executed}|{brief.effect}"
        before, self._told[brief.id] = self._told.get(brief.id), now
        return before != now


def summary_words(window: Summary) -> str:
    """Say the last window's figures in one line."""
    span = duration((window.end - window.start).total_seconds())
    words = (
        f"success {percent(window.success_rate)} (expected {percent(window.expected_success_rate)}), "
        f"{number(window.attempts)} attempts in {span}"
    )
    if window.latency_p95_ms is None:
        return words
    return f"{words}, latency p50 {number(window.latency_p50_ms)} ms p95 {number(window.latency_p95_ms)} ms"


def brief_words(brief: IncidentBrief) -> str:
    """Say one incident in one line."""
    sure = "" if brief.confidence is None else f", confidence {confidence_words(brief.confidence)}"
    cause = f" {brief.cause}" if brief.cause else ""
    saved = "" if brief.payments_saved is None else f", {_saved_words(brief.payments_saved, brief.mode)}"
    effect = "" if brief.effect is None else f", effect {brief.effect.value.replace('_', ' ')}"
    return one_line(f"{brief.id[:8]} {brief.culprit}{cause}{sure}, {status_words(brief)}{effect}{saved}")


def status_words(brief: IncidentBrief) -> str:
    """Say where an incident stands, and whether an action is in force, or would be."""
    if brief.status is not Status.ACTING or not brief.executed:
        return brief.status.value
    return "only recorded" if brief.mode is Mode.SHADOW else "in force"


def _saved_words(payments: float, mode: Mode) -> str:
    return f"{count(payments)} payments {'would be saved' if mode is Mode.SHADOW else 'saved'}"


def decide_words(brief: IncidentBrief) -> str | None:
    """Give the command that decides on a waiting incident, else None."""
    return f"run.py approve {one_line(brief.id[:8])}" if brief.status is Status.WAITING else None


def _details(report: CycleReport) -> Iterator[str]:
    yield f"  why     {one_line(report.diagnosis)}"
    yield f"  action  {action_words(report.proposed_action)}"
    yield f"  risk    {one_line(risk_words(report.risk_assessment))}"
    if report.incident is not None and (command := decide_words(report.incident)):
        yield f"  decide  {command}   (or edit, reject, respond, ignore)"
