"""The log holds one JSON object a line, whatever the names of the payments are made of."""

import io
import json
import sys
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tools.ports import Cycle, Event
from tools.telemetry.log import LONGEST, AsRecords, JsonLog, is_record

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
hostile = st.one_of(
    st.text(),
    st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp"])),
    st.sampled_from(
        ['"}\n{"level": "error"', "\x1b[2J", "\u2028", "\u202e", "\ud800", "\r\n", "\0", "{" * 5_000]
    ),
)


class Gone(io.StringIO):
    """A stream whose reader has gone."""

    def write(self, text: str, /) -> int:
        raise BrokenPipeError


def opened() -> tuple[JsonLog, io.StringIO]:
    stream = io.StringIO()
    return JsonLog(stream, lambda: START), stream


def read_back(text: str) -> str:
    """Give a text as any reader of JSON has it: two halves of a character join."""
    return str(json.loads(json.dumps(text[:LONGEST])))


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """Read what was written, as whoever collects logs does."""
    text = stream.getvalue()
    assert text.isascii()
    assert text.isprintable() or text.replace("\n", "").isprintable()
    return [json.loads(line) for line in text.split("\n")[:-1]]


@given(st.lists(st.tuples(hostile, hostile), max_size=5))
def test_each_event_is_one_line_that_holds_what_was_said(told: list[tuple[str, str]]) -> None:
    log, stream = opened()
    for incident_id, text in told:
        log.happened(Event("opened", incident_id, said={"found": text}))
    found = [(line.get("incident_id", ""), line.get("found", "")) for line in lines(stream)]
    assert found == [(read_back(incident_id), read_back(text)) for incident_id, text in told]


def test_a_line_says_when_what_and_of_which_incident() -> None:
    log, stream = opened()
    log.happened(Event("acted", "3f2a", {"action": "reroute_traffic"}, {"actor": "act"}))
    (line,) = lines(stream)
    assert line == {
        "at": "2026-03-02T09:00:00+00:00",
        "level": "info",
        "event": "acted",
        "incident_id": "3f2a",
        "actor": "act",
        "action": "reroute_traffic",
    }


def test_what_failed_is_an_error_and_an_alert_is_a_warning() -> None:
    log, stream = opened()
    log.happened(Event("not_delivered"))
    log.happened(Event("alerted"))
    assert [line["level"] for line in lines(stream)] == ["error", "warning"]


@given(st.lists(hostile, max_size=4))
def test_notes_on_the_input_are_written(notes: list[str]) -> None:
    log, stream = opened()
    log.cycled(Cycle("file:a.csv", START, is_live=False, incidents={}, notes=tuple(notes)))
    assert [line.get("note", "") for line in lines(stream)] == list(map(read_back, notes))


@given(st.lists(hostile, max_size=8))
def test_what_is_said_to_people_becomes_records_in_whatever_pieces_it_comes(pieces: list[str]) -> None:
    log, stream = opened()
    with AsRecords(log) as records:
        for piece in pieces:
            records.write(piece)
    said = [line["message"] for line in lines(stream)]
    kept = [line.strip() for line in "".join(pieces).split("\n")]
    assert said == [read_back(line) for line in kept if line]


def test_a_record_of_a_process_that_was_started_is_passed_on_as_it_is() -> None:
    log, stream = opened()
    log.happened(Event("opened", "3f2a"))
    record = stream.getvalue()
    with AsRecords(log) as records:
        records.write(f"run.py: no\n{record}")
    first, said, passed_on = lines(stream)
    assert passed_on == first
    assert said["message"] == "run.py: no"


@given(hostile)
def test_nothing_else_passes_for_a_record(text: str) -> None:
    assert not is_record(text)
    assert not is_record(json.dumps({"at": text, "event": text}))
    assert not is_record("[" * sys.getrecursionlimit() * 10)


def test_a_reader_that_has_gone_stops_nothing() -> None:
    closed = io.StringIO()
    closed.close()
    for stream in (Gone(), closed):
        JsonLog(stream, lambda: START).happened(Event("opened"))
