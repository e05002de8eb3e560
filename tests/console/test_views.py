"""The live view, the log, and the choice between them."""

import io
import itertools
import os
import pty
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from console.terminal import spark
from console.terminal.draw import console_on
from console.terminal.lines import LineView
from console.terminal.live import LiveView, snapshot_svg, view_on
from console.terminal.picture import Screen, picture
from graph.report import CycleReport
from payments.incident import Status
from payments.outcome import Effect
from payments.verdict import Mode
from tests.console.examples import acting, brief, hostile, quiet, summary, waiting

QUIET_THEN_WAITING = [*(quiet(cycle) for cycle in range(30)), waiting(30)]


def drawn(history: list[CycleReport], width: int = 80, *, ascii_only: bool = False, height: int = 40) -> str:
    """Give the picture as text without colours."""
    console = Console(file=io.StringIO(), record=True, width=width)
    console.print(picture(history, "simulator", "autonomous", Screen(height, ascii_only=ascii_only)))
    return console.export_text()


@pytest.mark.parametrize("width", [80, 140])
def test_the_picture_says_what_one_must_know(width: int) -> None:
    text = drawn(QUIET_THEN_WAITING, width)
    for words in (
        "simulator", "2026-01-05 12:02:30 UTC", "1 INCIDENT, 1 WAITING FOR A HUMAN", "cycle 30",
        "mode autonomous",
        "71.3 %", "94 %", "12,000 in 1 min", "p50 210 ms, p95 890 ms", "91 x212", "3f2a91c0", "psp=northpay",
        "psp outage", "0.93", "waiting", "reroute", "run.py approve 3f2a91c0", "technical failures",
        "231", "4.2", "Confidence 0.79 is below the threshold 0.80.", "12:02:30  Incident 3f2a91c0 opened.",
    ):  # fmt: skip
        assert words in text, words
    assert max(map(len, text.splitlines())) <= width


def test_a_quiet_picture_says_so_and_shows_no_incident() -> None:
    text = drawn([quiet()])
    assert "ALL QUIET" in text
    assert "Incident" not in text


def test_the_sparkline_falls_with_the_rate() -> None:
    line = next(line for line in drawn(QUIET_THEN_WAITING).splitlines() if "Success rate" in line)
    assert "█" * 30 + "▁" in line


def test_the_command_fits_on_a_small_screen() -> None:
    lines = drawn(QUIET_THEN_WAITING, height=24).splitlines()
    assert next(i for i, line in enumerate(lines) if "run.py approve" in line) < 24


def test_an_action_of_the_crew_needs_no_command() -> None:
    text = drawn([acting()])
    assert "run.py" not in text
    assert "in force" in text


def test_more_incidents_than_fit_are_counted() -> None:
    others = tuple(brief(Status.WATCHED).model_copy(update={"id": f"{n:08d}"}) for n in range(20))
    assert "Incidents, the first 6 of 21" in drawn([acting().model_copy(update={"other_incidents": others})])


@pytest.mark.parametrize("width", [20, 80, 140])
def test_hostile_text_stays_literal_in_the_picture(width: int) -> None:
    text = drawn([hostile()], width)
    assert "\x1b" not in text
    assert "\u202e" not in text
    if width > 20:
        assert r"[red]x[/red]\x1b[2J \u202eevil {boom} [/]" in text


def test_a_feed_without_rates_or_latencies_is_drawn() -> None:
    window = summary(0, None).model_copy(
        update={"expected_success_rate": None, "latency_p95_ms": None, "top_codes": (), "attempts": 0}
    )
    text = drawn([quiet().model_copy(update={"window": window})])
    assert "Latency" not in text
    assert "Attempts" in text


def test_nothing_is_drawn_before_the_first_cycle_but_the_feed() -> None:
    assert "Waiting for the first increment of simulator" in drawn([])


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_terminal_of_any_encoding_is_served(encoding: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors="strict")
    console_on(stream)
    console = Console(file=stream, force_terminal=True, width=80, height=30)
    with LiveView(console, "東京") as view:
        view.update(quiet())
        view.update(waiting().model_copy(update={"diagnosis": "東京 café"}))
    stream.flush()
    text = raw.getvalue().decode(encoding)
    assert "run.py approve" in text
    assert ("東京" in text) == (encoding == "utf-8")


def test_the_picture_on_an_ascii_terminal_needs_no_other_character() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    console = console_on(stream)
    screen = Screen(40, ascii_only=console.options.ascii_only)
    with console.capture() as capture:
        console.print(picture(QUIET_THEN_WAITING, "simulator", "autonomous", screen))
    assert screen.ascii_only
    assert capture.get().isascii()


def test_a_terminal_that_can_redraw_gets_the_live_view(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w", encoding="utf-8") as stream:
        assert isinstance(view_on(stream, "simulator"), LiveView)
    os.close(leader)


def test_a_dumb_terminal_gets_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w", encoding="utf-8") as stream:
        assert isinstance(view_on(stream, "simulator"), LineView)
    os.close(leader)


def test_a_pipe_gets_the_log_even_when_colours_are_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert isinstance(view_on(io.StringIO(), "simulator"), LineView)


def log(reports: list[CycleReport]) -> list[str]:
    """Give the lines of the log."""
    stream = io.StringIO()
    with LineView(stream) as view:
        for report in reports:
            view.update(report)
    return stream.getvalue().splitlines()


def test_quiet_cycles_are_told_every_minute() -> None:
    lines = log([quiet(cycle) for cycle in range(25)])
    assert [line[:8] for line in lines] == ["12:00:00", "12:01:00", "12:02:00"]
    assert lines[0].endswith(
        "traffic   success 93.8 % (expected 94 %), 12,000 attempts in 1 min, latency p50 210 ms p95 890 ms"
    )


def test_an_incident_is_told_when_it_comes_and_when_it_changes_and_not_in_between() -> None:
    silent = waiting(2).model_copy(update={"events": ()})
    acts = acting(4).model_copy(update={"events": ()})
    lines = log([quiet(0), waiting(1), silent, silent.model_copy(update={"cycle": 3}), acts])
    told = [line for line in lines if "incident  3f2a91c0" in line]
    assert [line.split(", ", 2)[2] for line in told] == ["waiting", "in force"]
    decide = "decide  run.py approve 3f2a91c0   (or edit, reject, respond, ignore)"
    assert any(line.endswith(decide) for line in lines)


def test_what_shadow_mode_records_is_not_said_to_be_in_force_or_saved() -> None:
    report = acting(4)
    assert report.incident is not None
    changes = {"mode": Mode.SHADOW, "payments_saved": 21.0, "effect": Effect.NOT_MEASURED}
    shadow = report.model_copy(update={"incident": report.incident.model_copy(update=changes)})
    told = next(line for line in log([shadow]) if "incident  3f2a91c0" in line)
    assert told.endswith("only recorded, effect not measured, 21 payments would be saved")


def test_every_event_is_told() -> None:
    reports = [quiet(n).model_copy(update={"events": (f"event {n}",)}) for n in range(20)]
    lines = log(reports)
    assert all(any(line.endswith(f"event {n}") for line in lines) for n in range(20))


def test_a_note_is_told_once_as_long_as_it_lasts() -> None:
    noted = quiet().model_copy(update={"notes": ("a window came twice",)})
    lines = log([noted, noted, quiet(2), noted])
    assert sum("a window came twice" in line for line in lines) == 2


def test_hostile_text_cannot_forge_a_line_of_the_log() -> None:
    lines = log([hostile()])
    assert all(line.startswith("12:00:05  ") for line in lines)
    assert all(line.isprintable() for line in lines)


def test_the_snapshot_is_the_same_each_time_and_loads_nothing() -> None:
    svg = snapshot_svg([*QUIET_THEN_WAITING, hostile(31)])
    assert svg == snapshot_svg([*QUIET_THEN_WAITING, hostile(31)])
    assert "url(http" not in svg
    assert "approve" in "".join(ET.fromstring(svg).itertext())  # noqa: S314 - our own picture


rates = st.none() | st.floats(0, 1)


@given(st.lists(rates, max_size=80))
def test_a_sparkline_has_one_character_a_value_and_follows_their_order(series: list[float | None]) -> None:
    span = spark.scale(series)
    if span is None:
        assert not any(value is not None for value in series)
        return
    line = spark.sparkline(series, span)
    assert len(line) == len(series)
    heights = sorted((v, spark.BLOCKS.index(c)) for v, c in zip(series, line, strict=True) if v is not None)
    assert all(a[1] <= b[1] for a, b in itertools.pairwise(heights))
