"""Lessons from one state folder to another, by commands."""

import json

import pytest

from memory.lesson_files import line_of
from payments.segment import Segment
from tests.end_to_end.command import Command
from tests.memory.stock import lesson

pytestmark = pytest.mark.integration

SHOES = lesson("shoes-1", culprit=Segment.of(merchant="shoes", psp="alpha"), text="The certificate expired.")
BOOKS = lesson("books-1", culprit=Segment.of(merchant="books", psp="beta"), text="The bank was down.")


def test_what_is_imported_is_found_and_exported_the_same(run: Command) -> None:
    file = run.state.parent / "lessons.jsonl"
    lines = line_of(BOOKS) + line_of(SHOES)
    file.write_text(lines, encoding="ascii")
    assert "2 lessons learned" in run.inside("lessons", "import", str(file)).err
    assert run.inside("lessons", "export", "-").out == lines
    (found,) = json.loads(run.inside("lessons", "--merchant", "shoes", "--json").out)
    assert found["incident_id"] == "shoes-1"
    first, _ = json.loads(run.inside("lessons", "an expired certificate", "--json").out)
    assert first["incident_id"] == "shoes-1"


def test_a_wrong_line_is_named_and_nothing_is_learned(run: Command) -> None:
    file = run.state.parent / "lessons.jsonl"
    file.write_text(line_of(SHOES) + "{}\n", encoding="ascii")
    refused = run.inside("lessons", "import", str(file))
    assert refused.code == 2
    assert "line 2 is no lesson" in refused.err
    assert json.loads(run.inside("lessons", "--json").out) == []


def test_a_file_that_is_not_there_is_named(run: Command) -> None:
    refused = run.inside("lessons", "import", str(run.state / "nowhere.jsonl"))
    assert refused.code == 2
    assert "nowhere.jsonl" in refused.err


def test_an_export_replaces_the_one_before_it_as_a_whole(run: Command) -> None:
    folder = run.state.parent / "exported"
    folder.mkdir()
    file = folder / "lessons.jsonl"
    file.write_text(line_of(SHOES) + line_of(BOOKS), encoding="ascii")
    assert run.inside("lessons", "import", str(file)).code == 0
    file.write_text("of another day\n" * 99, encoding="ascii")
    assert "2 lessons written" in run.inside("lessons", "export", str(file)).err
    assert file.read_text(encoding="ascii") == line_of(BOOKS) + line_of(SHOES)
    assert list(folder.iterdir()) == [file]


def test_an_export_that_cannot_be_written_is_said_in_words(run: Command) -> None:
    refused = run.inside("lessons", "export", str(run.state.parent / "nowhere" / "lessons.jsonl"))
    assert refused.code == 2
    assert "cannot be written" in refused.err
