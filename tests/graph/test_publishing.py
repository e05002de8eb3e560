"""What a cycle publishes, and that nobody who looks on can stop the watch."""

from pathlib import Path

from console.settings import Settings
from graph.publishing import publish
from memory.live import FILE
from memory.live_reading import LiveReader, Place
from payments.pulse import ATTEMPTS
from payments.verdict import Mode
from tests.graph.made import crew, cycles, world


def test_every_cycle_is_on_the_board_with_what_it_said(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    with crew(world("quiet", settings), settings) as duty:
        reports = cycles(duty, 12)  # a window
    reader = LiveReader(state_dir / FILE)
    (feed,) = reader.feeds()
    series = reader.series(feed, Place("wide", 0), "fine", 0.0)
    said = reader.said(feed, 3)
    reader.close()
    assert feed.at_s == reports[-1].at.timestamp()
    assert [one["cycle"] for one in said] == [12, 11, 10]
    assert said[0]["diagnosis"] == reports[-1].diagnosis
    assert series.counts[:, ATTEMPTS].sum() == reports[-1].window.attempts


def test_what_no_encoding_takes_is_published_too(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    with crew(world("quiet", settings), settings) as duty:
        (report,) = cycles(duty, 1)
        publish(report.model_copy(update={"diagnosis": "a\ud800b"}), duty.senses, Mode.COPILOT)
    reader = LiveReader(state_dir / FILE)
    (said,) = reader.said(reader.feeds()[0], 1)
    reader.close()
    assert (said["diagnosis"], said["mode"]) == ("a\ud800b", "copilot")


def test_a_board_that_cannot_be_written_is_told_of_and_stops_nothing(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    state_dir.mkdir()
    (state_dir / FILE).write_bytes(b"this is no database, whatever its name says" * 100)
    with crew(world("quiet", settings), settings) as duty:
        first, second = cycles(duty, 2)
    assert first.notes == ()
    assert "the live page is not kept up to date" in second.notes[0]
