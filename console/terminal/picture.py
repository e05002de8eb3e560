"""The live view as a picture: a pure function of the last cycles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from console.terminal import spark
from console.terminal.draw import Column, facts, literal, table
from console.terminal.lines import decide_words, status_words
from console.terminal.plain import confidence_words, ruling_words, unsaid_checks
from console.terminal.words import (
    action_words,
    cause_words,
    clock,
    count,
    duration,
    kind_words,
    number,
    percent,
    quantity,
    unit_words,
)
from graph.report import CycleReport, IncidentBrief
from payments.diagnosis import EvidenceItem
from payments.incident import Status
from payments.observation import Summary

CYCLES_SHOWN = 60

_STATUS_STYLES = {
    Status.OPEN: "yellow",
    Status.WAITING: "bold red",
    Status.ACTING: "cyan",
    Status.WATCHED: "green",
    Status.CLOSED: "dim",
}


@dataclass(frozen=True)
class Screen:
    """Where the picture is drawn."""

    height: int = 40
    """Lines."""
    ascii_only: bool = False

    @property
    def evidence(self) -> int:
        """Lines for evidence; a small screen keeps the command to type rather than the numbers."""
        return min(8, max(2, (self.height - 24) // 2))

    @property
    def events(self) -> int:
        """Lines for the last events."""
        return min(8, max(2, (self.height - 26) // 2))

    @property
    def incidents(self) -> int:
        """Lines for incidents."""
        return min(8, max(3, self.height // 6))


def picture(history: Sequence[CycleReport], feed: str, mode: str, screen: Screen) -> RenderableType:
    """Draw the newest cycle, with the ones before it as its past."""
    if not history:
        return Panel(literal(f"Waiting for the first increment of {feed}"), title="PayOps Crew")
    report = history[-1]
    parts = [_traffic(history[-CYCLES_SHOWN:], feed, mode, screen)]
    live = tuple(brief for brief in (report.incident, *report.other_incidents) if brief is not None)
    if live:
        parts.append(_incidents(live, screen.incidents))
    if report.incident is not None:
        parts.append(_top_incident(report, report.incident, screen.evidence))
    if events := list(_events(history))[-screen.events :]:
        parts.append(Panel(Text("\n").join(events), title="Last events", title_align="left"))
    return Group(*parts)


def _traffic(history: Sequence[CycleReport], feed: str, mode: str, screen: Screen) -> Panel:
    report = history[-1]
    rates = _rates(history, screen)
    grid = Group(
        Text.assemble(_state(report), f"   cycle {number(report.cycle)}   mode {mode}", overflow="fold"),
        Text(""),
        rates,
        facts(_figures(report.window)),
        *(literal(f"Input: {note}", "yellow", limit=200) for note in report.notes[-2:]),
    )
    title = Text.assemble(
        "PayOps Crew  ", literal(feed, "bold", limit=40), f"  {report.at:%Y-%m-%d %H:%M:%S %Z}"
    )
    return Panel(grid, title=title, title_align="left")


def _rates(history: Sequence[CycleReport], screen: Screen) -> Table:
    """Draw the success rate over the last cycles above what was expected, on one scale."""
    window = history[-1].window
    observed = [report.window.success_rate for report in history]
    expected = [report.window.expected_success_rate for report in history]
    span = spark.scale([*observed, *expected])
    levels = spark.ASCII if screen.ascii_only else spark.BLOCKS
    style = "red" if _is_low(window) else "green"
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, justify="right", min_width=7)
    grid.add_column(no_wrap=True, overflow="crop")
    for name, series, value, look in (
        ("Success rate", observed, window.success_rate, style),
        ("Expected", expected, window.expected_success_rate, "dim"),
    ):
        # 54 characters fit beside the names at 80 columns; the newest must stay in sight.
        line = spark.sparkline(series[-54:], span, levels) if span else ""
        grid.add_row(Text(name, "bold"), Text(percent(value), look), Text(line, look))
    return grid


def _is_low(window: Summary) -> bool:
    rate, expected = window.success_rate, window.expected_success_rate
    return rate is not None and expected is not None and rate < expected - 0.02


def _figures(window: Summary) -> Iterator[tuple[str, str]]:
    span = duration((window.end - window.start).total_seconds())
    yield "Attempts", f"{number(window.attempts)} in {span}, {number(window.failures)} failed"
    if window.latency_p95_ms is not None:
        yield "Latency", f"p50 {number(window.latency_p50_ms)} ms, p95 {number(window.latency_p95_ms)} ms"
    if window.top_codes:
        yield "Top codes", ", ".join(f"{code} x{number(count)}" for code, count in window.top_codes[:5])


def _state(report: CycleReport) -> Text:
    live = [brief for brief in (report.incident, *report.other_incidents) if brief is not None]
    waiting = sum(brief.status is Status.WAITING for brief in live)
    if not live:
        return Text("ALL QUIET", style="bold green")
    words = f"{len(live)} INCIDENT{'S' if len(live) > 1 else ''}"
    return Text(f"{words}, {waiting} WAITING FOR A HUMAN" if waiting else words, style="bold red")


def _incidents(live: Sequence[IncidentBrief], rows: int) -> Panel:
    columns = (
        Column("id", whole=True, style="bold"),
        Column("since", whole=True),
        Column("culprit"),
        Column("cause"),
        Column("conf", "right", whole=True),
        Column("action"),
        Column("status"),
        Column("saved", "right", whole=True),
    )
    title = "Incidents" if len(live) <= rows else f"Incidents, the first {rows} of {len(live)}"
    return Panel(table(columns, map(_incident_row, live[:rows]), grow=True), title=title, title_align="left")


def _incident_row(brief: IncidentBrief) -> tuple[str | Text, ...]:
    return (
        literal(brief.id[:8]),
        f"{brief.since:%H:%M}",
        literal(str(brief.culprit), limit=60),
        literal(cause_words(brief.cause)),
        "-" if brief.confidence is None else confidence_words(brief.confidence),
        kind_words(brief.proposed.kind) if brief.proposed else "-",
        literal(status_words(brief), _STATUS_STYLES[brief.status]),
        "-" if brief.payments_saved is None else count(brief.payments_saved),
    )


def _top_incident(report: CycleReport, brief: IncidentBrief, rows: int) -> Panel:
    content: list[RenderableType] = [literal(report.diagnosis, "bold", limit=300)]
    unsaid = unsaid_checks(report.risk_assessment)
    if command := decide_words(brief):
        content.append(
            Text.assemble(
                ("Type: ", "bold"), (command, "bold reverse"), "   or edit, reject", overflow="fold"
            )
        )
    content.append(
        facts(
            [
                ("Action", literal(action_words(report.proposed_action), limit=200)),
                ("Risk", literal(ruling_words(report.risk_assessment), limit=200)),
                *(("Failed", literal(check, "red", limit=200)) for check in unsaid[:3]),
            ]
        )
    )
    if report.evidence:
        content.append(evidence_table(report.evidence[:rows]))
    title = Text.assemble("Incident ", literal(brief.id[:8]), f" since {clock(brief.since)}")
    return Panel(Group(*content), title=title, title_align="left")


def evidence_table(evidence: Sequence[EvidenceItem]) -> Table:
    """Draw what was observed beside what was expected."""
    columns = (
        Column("evidence"),
        Column("observed", "right", whole=True),
        Column("expected", "right", whole=True),
        Column("unit"),
    )
    return table(
        columns,
        (
            (
                item.label,
                quantity(item.observed, item.unit),
                quantity(item.expected, item.unit),
                unit_words(item.unit),
            )
            for item in evidence
        ),
    )


def _events(history: Sequence[CycleReport]) -> Iterator[Text]:
    for report in history:
        for event in report.events:
            yield Text.assemble((clock(report.at), "dim"), "  ", literal(event, limit=160), overflow="fold")
