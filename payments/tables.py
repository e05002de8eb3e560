"""Tables of facts that come with the project, one file each, checked as they are read."""

import csv
from importlib.resources import files


def read_table(name: str) -> list[dict[str, str]]:
    """Give the rows of a table beside this module, by the names in its first line."""
    text = files("payments").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
