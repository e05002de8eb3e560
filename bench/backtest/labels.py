"""The incidents that a team knows of, from a CSV file: `id,start,end,segment`."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path

from payments.errors import BadFile
from payments.segment import Segment
from payments.window import Cells
from tools.sources.values import EPOCH, EXPECTED, time_us

COLUMNS = ("id", "start", "end", "segment")
ALL_PAYMENTS = "all payments"
_BETWEEN_VALUES = re.compile(r"\s*[&,;]\s*")


@dataclass(frozen=True)
class Label:
    """A known incident: from `start` up to, not including, `end`."""

    id: str
    start: datetime
    end: datetime
    segment: Segment


def read_labels(path: Path, cells: Cells) -> tuple[Label, ...]:
    """Read known incidents of a feed with these cells, in the order of their starts.

    Raises:
        BadFile: the file cannot be read, or a line of it is wrong; the message says which and why.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"The labels {str(path)!r} cannot be read: {error}.") from error
    reader = csv.DictReader(text.splitlines(), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise BadFile(f"{path}:{reader.line_num}: {error}.") from error
    _check_columns(path, reader.fieldnames or ())
    labels = [_label(row, f"{path}:{line}", cells) for line, row in enumerate(rows, start=2)]
    _refuse_repetitions(path, labels)
    return tuple(sorted(labels, key=lambda label: label.start))


def _check_columns(path: Path, columns: Sequence[str]) -> None:
    if sorted(columns) == sorted(COLUMNS):
        return
    wrong = [f"there is no column {name!r}" for name in COLUMNS if name not in columns]
    wrong += [f"column {name!r} is unknown" for name in columns if name not in COLUMNS]
    why = "; ".join(wrong) or "a column is there twice"
    raise BadFile(f"{path}:1: {why}. The columns are {', '.join(COLUMNS)}.")


def _label(row: Mapping[str | None, object], where: str, cells: Cells) -> Label:
    if None in row or None in row.values():
        raise BadFile(
            f"{where}: {len(COLUMNS)} fields are expected, such as "
            "12,2026-03-02 18:00,2026-03-03 08:00,psp=alpha; a segment with commas stands in double quotes."
        )
    text = {name: str(row[name]).strip() for name in COLUMNS}
    if not text["id"]:
        raise BadFile(f"{where}: id is empty; give each incident a name of its own.")
    start, end = _time(text["start"], f"{where}: start"), _time(text["end"], f"{where}: end")
    if end <= start:
        raise BadFile(f"{where}: end {text['end']!r} is not after start {text['start']!r}.")
    return Label(text["id"], start, end, _segment(text["segment"], where, cells))


def _time(text: str, where: str) -> datetime:
    try:
        return EPOCH + timedelta(microseconds=time_us(text))
    except (ValueError, OverflowError) as error:
        raise BadFile(f"{where} {text!r} {error}; expected {EXPECTED['time']}.") from error


def _segment(text: str, where: str, cells: Cells) -> Segment:
    """Read `psp=alpha & method=upi`, also with commas or semicolons; empty is all payments."""
    if text.lower() in {"", ALL_PAYMENTS}:
        return Segment({})
    values: dict[str, str] = {}
    for part in _BETWEEN_VALUES.split(text):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or name in values:
            raise BadFile(
                f"{where}: segment {text!r} is not attribute=value, each once, joined by &; see {part!r}."
            )
        known = _values(cells, name, where)
        if value not in known:
            raise BadFile(f"{where}: no payment of the file has {name}={value!r}{_nearest(value, known)}.")
        values[name] = value
    return Segment(values)


def _values(cells: Cells, name: str, where: str) -> set[str]:
    if name not in cells.attributes:
        there = ", ".join(cells.attributes)
        raise BadFile(f"{where}: the file has no attribute {name!r}; the attributes are {there}.")
    place = cells.attributes.index(name)
    return {key[place] for key in cells.keys}


def _nearest(value: str, known: set[str]) -> str:
    near = get_close_matches(value, sorted(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _refuse_repetitions(path: Path, labels: Sequence[Label]) -> None:
    for one, other in pairwise(sorted(label.id for label in labels)):
        if one == other:
            raise BadFile(f"{path}: incident {one!r} is there twice; give each incident an id of its own.")
