"""Reads published root-cause sets from a folder, plain or gzipped."""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from bench.localization.forecast import expected_bad
from bench.localization.labels import read_injections, read_labels
from bench.localization.method import Codes, Floats, Instance
from bench.localization.score import Labelled
from payments.errors import BadFile

Format = Literal["rs", "squeeze"]
Table = tuple[list[str], list[list[str]]]

INDEX: dict[Format, str] = {"squeeze": "injection_info.csv", "rs": "anomaly.yaml"}
"""The file that names the instances and their causes."""


@dataclass(frozen=True)
class DataSet:
    """The instances below one folder."""

    name: str
    form: Format | Literal["drawn"]
    instances: tuple[Labelled, ...]


def read_sets(folder: Path, form: Format | None = None) -> Iterator[DataSet]:
    """Read the set in a folder, or the sets in its sub-folders; the index file tells the form.

    Raises:
        BadFile: there is no set, or a file of it is missing or not of this form.
    """
    if not folder.is_dir():
        raise BadFile(f"{str(folder)!r} is no folder: name one that holds root-cause sets")
    kinds = tuple(INDEX) if form is None else (form,)
    found = [(top, kind) for top in _tops(folder, kinds) for kind in kinds if any(top.rglob(INDEX[kind]))]
    if not found:
        names = " or ".join(repr(INDEX[kind]) for kind in kinds)
        raise BadFile(f"{str(folder)!r} holds no root-cause set: no folder in it has {names}")
    for top, kind in found:
        parts = [_READERS[kind](index.parent) for index in sorted(top.rglob(INDEX[kind]))]
        yield DataSet(top.resolve().name, kind, tuple(one for part in parts for one in part))


def _tops(folder: Path, kinds: Sequence[Format]) -> list[Path]:
    """Give the folder of each set: this one when it has an index or only parts by layer, else those in it."""
    inside = sorted(path for path in folder.iterdir() if path.is_dir())
    if any((folder / INDEX[kind]).is_file() for kind in kinds):
        return [folder]
    return [folder] if inside and all("layer" in path.name for path in inside) else inside


def read_squeeze(folder: Path) -> list[Labelled]:
    """Read `attributes..., real, predict` files with their causes in `injection_info.csv`."""
    return [
        Labelled(_amounts(folder, name), causes)
        for name, causes in read_injections(folder / INDEX["squeeze"])
    ]


def read_stalls(folder: Path) -> list[Labelled]:
    """Read `min, attributes..., value, cnt` files with their moments and causes in `anomaly.yaml`."""
    return [
        Labelled(_ratio(folder, case.name, case.at), case.causes)
        for case in read_labels(folder / INDEX["rs"])
    ]


def _amounts(folder: Path, name: str) -> Instance:
    header, rows = _table(folder, name, ("real", "predict"))
    attributes, values, leaves = _coded(header, rows, measures=("real", "predict"))
    real, expected = (_column(header, rows, which, name) for which in ("real", "predict"))
    return Instance(name, attributes, values, leaves, real, expected)


def _ratio(folder: Path, name: str, at: float) -> Instance:
    header, rows = _table(folder, name, ("min", "value", "cnt"))
    minute = _column(header, rows, "min", name)
    rows = [row for row, when in zip(rows, minute, strict=True) if when <= at]
    minute = minute[minute <= at]
    attributes, values, codes = _coded(header, rows, measures=("min", "value", "cnt"))
    leaves, leaf = np.unique(codes, axis=0, return_inverse=True)
    times, when = np.unique(minute, return_inverse=True)
    if not len(times) or times[-1] != at:
        raise BadFile(f"{name!r} has no rows of the labelled minute {at:.0f}")
    shape = (len(times), len(leaves))
    bad, total = np.zeros(shape), np.zeros(shape)
    np.add.at(bad, (when.reshape(-1), leaf.reshape(-1)), _column(header, rows, "value", name))
    np.add.at(total, (when.reshape(-1), leaf.reshape(-1)), _column(header, rows, "cnt", name))
    expected = expected_bad(leaves, bad[:-1], total[:-1], total[-1])
    return Instance(name, attributes, values, leaves, bad[-1], expected, total[-1], bad[:-1], total[:-1])


def _table(folder: Path, name: str, measures: Sequence[str]) -> Table:
    plain, packed = folder / f"{name}.csv", folder / f"{name}.csv.gz"
    if not plain.is_file() and not packed.is_file():
        raise BadFile(f"{str(plain)!r} is missing, with or without .gz, though the index names it")
    try:
        rows = list(csv.reader(_lines(plain if plain.is_file() else packed)))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{name!r} cannot be read: {error}") from error
    header = rows[0] if rows else []
    absent = [column for column in measures if column not in header]
    if absent:
        raise BadFile(f"{name!r} has no column {absent[0]!r}; its columns are {header!r}")
    if len(header) == len(measures):
        raise BadFile(f"{name!r} has no attribute: its columns are {header!r}")
    broken = next((n for n, row in enumerate(rows, 1) if len(row) != len(header)), None)
    if broken is not None:
        raise BadFile(f"line {broken} of {name!r} has not {len(header)} columns as its header has")
    if len(rows) == 1:
        raise BadFile(f"{name!r} has a header but no rows")
    return header, rows[1:]


def _lines(path: Path) -> list[str]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8", newline="") as packed:
            return list(packed)
    with path.open(encoding="utf-8", newline="") as plain:
        return list(plain)


def _column(header: list[str], rows: list[list[str]], which: str, name: str) -> Floats:
    place = header.index(which)
    try:
        column = np.array([float(row[place]) for row in rows])
    except ValueError as error:
        raise BadFile(f"column {which!r} of {name!r} is not numbers only: {error}") from error
    if not np.all(np.isfinite(column)):
        raise BadFile(f"column {which!r} of {name!r} has a number that is not finite")
    return column


def _coded(
    header: list[str], rows: list[list[str]], measures: Sequence[str]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], Codes]:
    places = [place for place, column in enumerate(header) if column not in measures]
    values, codes = [], np.zeros((len(rows), len(places)), dtype=np.intp)
    for at, place in enumerate(places):
        names = [row[place] for row in rows]
        known = {name: code for code, name in enumerate(sorted(set(names)))}
        codes[:, at] = [known[name] for name in names]
        values.append(tuple(known))
    return tuple(header[place] for place in places), tuple(values), codes


_READERS: dict[Format, Callable[[Path], list[Labelled]]] = {"squeeze": read_squeeze, "rs": read_stalls}
