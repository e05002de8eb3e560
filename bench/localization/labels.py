"""Reads which causes each instance of a published set has."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.localization.method import Causes
from payments.errors import BadFile
from payments.segment import Segment


@dataclass(frozen=True)
class Case:
    """One labelled moment of a ratio."""

    name: str
    at: float
    """Start of the labelled minute, in the unit of the file's `min` column."""
    causes: Causes


def read_injections(index: Path) -> list[tuple[str, Causes]]:
    """Read `timestamp` and `set` of every row; `;` stands between causes, `&` is AND.

    Raises:
        BadFile: a column is missing, or a cause is not attribute=value.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(index.read_text(encoding="utf-8"), newline="")))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{str(index)!r} cannot be read: {error}") from error
    found = []
    for row in rows:
        name, causes = row.get("timestamp"), row.get("set")
        if not name or not causes:
            raise BadFile(f"{str(index)!r} needs the columns 'timestamp' and 'set'; a row has {row!r}")
        found.append((name, frozenset(_segment(text, index) for text in causes.split(";"))))
    return found


def read_labels(index: Path) -> list[Case]:
    """Read a list of `data`, `timestamp` and `cause`; a list of causes means that all of them together.

    Raises:
        BadFile: it is not such a list.
    """
    try:
        # The base loader leaves every value a string, as the data files have them: 0500 stays 0500.
        given = yaml.load(index.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - strings only
        return [_case(entry) for entry in given]
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadFile(f"{str(index)!r} cannot be read: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        msg = f"{str(index)!r} is not a list of data, timestamp and cause: {type(error).__name__} {error}"
        raise BadFile(msg) from error


def _case(entry: dict[str, Any]) -> Case:
    causes = entry["cause"] if isinstance(entry["cause"], list) else [entry["cause"]]
    segments = frozenset(Segment({name: str(value) for name, value in cause.items()}) for cause in causes)
    return Case(str(entry["data"]), float(entry["timestamp"]), segments)


def _segment(text: str, index: Path) -> Segment:
    pairs = [pair.partition("=") for pair in text.split("&")]
    if not all(separator for _, separator, _ in pairs):
        raise BadFile(f"{str(index)!r}: {text!r} is not attribute=value, with & between several")
    return Segment({name: value for name, _, value in pairs})
