"""`run.py watch`: cycle after cycle, shown in the form that the reader wants."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Literal

from console.compose import on_duty
from console.feeds import Asked, open_feed
from console.progress import reading
from console.settings import Settings, load_settings
from console.storage import watching_alone
from console.telemetry import cycle_of, telemetry_of
from console.waiting import Waiting
from console.worlds import Feed, open_replay, open_simulation
from graph.duty import Duty
from graph.report import CycleReport, IncidentBrief
from payments.alert import AlertMessage
from payments.errors import InputError, PayOpsError
from payments.incident import Status
from tools.sources.address import is_address

TERMINAL_PAUSE_S = 0.5
"""Pause between simulated ticks on a terminal, so that a person can follow; a pipe gets full speed."""


@dataclass(frozen=True)
class Request:
    """What the command line asked for."""

    source: str
    scenario: str
    seed: int
    cycles: int | None
    pause_s: float | None
    mapping: str | None
    calendar: Path | None
    table: str | None
    form: Literal["plain", "json", "people"]
    until_incident: bool
    worker: str = ""
    """Name of this worker among those that share a database."""
    metrics_port: int | None = None
    """Where Prometheus finds `/metrics` on the loopback address; None to count nothing."""
    ends_with_input: bool = False
    """Whether it ends when its standard input does, as that of a process that is beside another."""


def watch(request: Request, config: Path | None) -> None:
    """Watch until the source ends, the cycles are done, the incident is over or the user interrupts."""
    if request.ends_with_input:
        _end_with_input()
    settings = load_settings(config)
    with ExitStack() as stack:
        telemetry = stack.enter_context(telemetry_of(settings, request.metrics_port))
        source = stack.enter_context(_open(request, settings))
        alone = watching_alone(source.source.feed, settings, _tell, request.worker)
        tenancy = stack.enter_context(alone)
        people = request.form == "people"
        duty = stack.enter_context(
            on_duty(source, settings, tell_people=people, tenancy=tenancy, telemetry=telemetry)
        )
        _learn(duty, request)
        show = stack.enter_context(_view(request, duty.senses.source.feed))
        stack.enter_context(_telling_why_it_ends(duty, lambda: tenancy is not None and tenancy.lost))
        first: str | None = None
        for report in _cycles(duty, source, request):
            show(report)
            telemetry.cycled(cycle_of(report, source))
            first = first or next((brief.id for brief in _briefs(report)), None)
            if request.until_incident and first is not None and _is_over(first, report):
                break


def _tell(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def _end_with_input() -> None:
    """Interrupt this process as Ctrl-C does when standard input ends: whoever held its other end is gone."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have started us deaf to it
    Thread(target=_wait_for_end, daemon=True).start()


def _wait_for_end() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGINT)


@contextmanager
def _open(request: Request, settings: Settings) -> Iterator[Feed]:
    if is_address(request.source):
        with open_feed(
            Asked(request.source, request.mapping, request.table, request.calendar), settings
        ) as feed:
            yield feed
        return
    if request.table:
        msg = "--table speaks of a database: name it with --source, such as clickhouse://user@host/database"
        raise InputError(msg)
    yield _simulation(request, settings) if request.source == "simulator" else _recorded(request, settings)


def _simulation(request: Request, settings: Settings) -> Feed:
    if request.mapping or request.calendar:
        msg = "--map and --calendar speak of a file: name it with --source FILE"
        raise InputError(msg)
    from simulator.traffic.scenario_file import find_scenario

    return open_simulation(find_scenario(request.scenario), request.seed, settings)


def _recorded(request: Request, settings: Settings) -> Feed:
    with reading(request.source) as on_rows:
        feed, source = open_replay(Path(request.source), request.mapping, request.calendar, settings, on_rows)
    report = source.report
    lines = [report.sentence(), *report.notes, *(str(problem) for problem in report.problems)]
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    return feed


@contextmanager
def _telling_why_it_ends(duty: Duty, another_watches: Callable[[], bool]) -> Iterator[None]:
    """Tell people of a watch that cannot go on: nobody may be looking at its output."""
    feed, services = duty.senses.source.feed, duty.services
    try:
        yield
    except PayOpsError as error:
        if another_watches():
            raise
        at = services.clock()
        services.alerts.send(
            AlertMessage(
                dedup_key=f"watch:{feed}:{at.isoformat()}",
                incident_id="",
                at=at,
                severity="critical",
                title=f"The watch of {feed} has ended: payments are not watched",
                text=f"{error} Start it again; what was under way is taken up then.",
            )
        )
        raise


def _cycles(duty: Duty, feed: Feed, request: Request) -> Iterator[CycleReport]:
    on_terminal = request.form == "people" and sys.stdout.isatty() and feed.stream is None
    pause_s = request.pause_s if request.pause_s is not None else TERMINAL_PAUSE_S * on_terminal
    waiting = None if feed.stream is None else Waiting(feed.stream, duty)
    while request.cycles is None or duty.cycles < request.cycles:
        if waiting is not None:
            waiting.until_next()
        report = duty.cycle()
        if report is None:
            return
        yield report
        if pause_s:
            time.sleep(pause_s)


def _learn(duty: Duty, request: Request) -> None:
    learned = duty.learn_history()
    if request.form == "people" and sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import track

        learned = iter(
            track(learned, "Learning what is normal", console=Console(stderr=True), transient=True)
        )
    for _ in learned:
        pass


def _view(request: Request, feed: str) -> AbstractContextManager[Callable[[CycleReport], None]]:
    if request.form == "plain":
        return nullcontext(_Plain())
    if request.form == "json":
        from console.terminal.plain import as_json

        return nullcontext(lambda report: _write(as_json(report)))
    return _for_people(feed)


@contextmanager
def _for_people(feed: str) -> Iterator[Callable[[CycleReport], None]]:
    from console.terminal.live import view_on

    with view_on(sys.stdout, feed) as view:
        yield view.update


class _Plain:
    """Prints reports with one empty line between them."""

    def __init__(self) -> None:
        self._first = True

    def __call__(self, report: CycleReport) -> None:
        from console.terminal.plain import plain

        _write(plain(report) if self._first else f"\n{plain(report)}")
        self._first = False


def _write(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _briefs(report: CycleReport) -> list[IncidentBrief]:
    """Give every live incident, the most urgent first."""
    return [*([report.incident] if report.incident else []), *report.other_incidents]


def _is_over(incident_id: str, report: CycleReport) -> bool:
    """Say whether an incident is closed, has no more to be done, or waits for a human who is not here."""
    live = {brief.id: brief.status for brief in _briefs(report)}
    return incident_id not in live or live[incident_id] in {Status.WATCHED, Status.WAITING}
