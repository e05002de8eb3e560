"""Lines of JSON, one object each, and their values as text."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from tools.sources.report import Report, shown


def objects_in(lines: Iterable[str], report: Report) -> Iterator[tuple[int, dict[str, Any]]]:
    """Give the objects with the numbers of their lines; a line that holds none goes to the report."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            report.reject(
                number, "no JSON", f"{shown(line.strip())} is no JSON; one object a line is expected"
            )
            continue
        if isinstance(found, dict):
            yield number, found
        else:
            report.reject(number, "no JSON object", f"{shown(line.strip())} is no JSON object")


def texts_in(lines: Iterable[str], report: Report) -> Iterator[tuple[int, dict[str, str]]]:
    """Give the same with keys and values as a CSV file would hold them."""
    for number, found in objects_in(lines, report):
        yield number, {_clean(key): json_text(value) for key, value in found.items()}


def json_text(value: object) -> str:
    """Give a value of a JSON object as the text that the same value has in a CSV file."""
    if isinstance(value, str):
        return _clean(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return json.dumps(value)


def _clean(text: str) -> str:
    """Replace lone surrogates, which no UTF-8 file, database or terminal takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
