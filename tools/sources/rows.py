"""Rows of a file as columns of numbers: which rows are valid, which cell they belong to, what they count."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from tools.sources import values
from tools.sources.mapping import ColumnMap
from tools.sources.report import Report, shown
from tools.sources.tables import Chunk

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Columns = Mapping[str, Ints]
Key = TypeVar("Key", bound=Hashable)

_SKIPPED = -1
"""Line of a row that is reported already."""

_REMEMBERED = 200_000
"""Distinct texts of one column whose meaning is kept from chunk to chunk."""


@dataclass(frozen=True)
class _Reading:
    key: str
    read: Callable[[str], int]
    expected: str


_OF_BOTH = (
    _Reading("time", values.time_us, "time"),
    _Reading("amount", values.amount_minor, "amount"),
    _Reading("currency", values.currency_number, "currency"),
)
_OF_AGGREGATES = (
    _Reading("attempts", values.count, "count"),
    _Reading("success", values.count, "count"),
    _Reading("pending", values.optional_count, "count"),
    _Reading("payments", values.count, "count"),
)
_OF_PAYMENTS = (
    _Reading("success", values.outcome, "outcome"),
    _Reading("pending", values.flag, "flag"),
    _Reading("attempt_no", values.attempt_number, "attempt"),
    _Reading("latency_ms", values.latency_bin, "latency"),
)


@dataclass
class _Distinct:
    """Reads each distinct text once, and forgets them all when they are too many to be worth it."""

    read: Callable[[str], int]
    wrong: dict[str, str] = field(default_factory=dict)
    """What is wrong with which text of the last column."""
    _found: dict[str, int] = field(default_factory=dict)

    def column(self, texts: Sequence[str]) -> Ints:
        """Read a column; a wrong text is 0."""
        self.wrong = {}
        if len(self._found) > _REMEMBERED:
            self._found = {}
        for text in set(texts).difference(self._found):
            try:
                self._found[text] = self.read(text)
            except ValueError as error:
                self.wrong[text] = str(error)
        of_wrong = dict.fromkeys(self.wrong, 0)
        found = {**self._found, **of_wrong} if of_wrong else self._found
        return np.fromiter(map(found.__getitem__, texts), np.int64, len(texts))


@dataclass
class RowReader:
    """Turns chunks of text into columns of integers; cells, codes and payment ids get numbers as they appear.

    The columns: line, time (microseconds since 1970), cell, attempts, successes, pending; and where they are
    mapped payments, code, latency_ms (bin), amount, currency, payment, attempt_no; of aggregated rows also
    rest (a hash of what is not mapped).
    """

    mapping: ColumnMap
    report: Report
    cells: dict[tuple[str, ...], int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    payment_ids: dict[str, int] = field(default_factory=dict)
    _distinct: dict[str, _Distinct] = field(default_factory=dict)
    _parts: list[Columns] = field(default_factory=list)

    def take(self, chunk: Chunk) -> None:
        """Read the rows of a chunk; wrong ones go to the report."""
        lines = np.asarray(chunk.lines, dtype=np.int64)
        numbers, good = self._numbers(chunk, lines)
        good &= self._possible(numbers, good, lines)
        kept = {name: column[good] for name, column in numbers.items()}
        self.report.valid += int(good.sum())
        self._parts.append({"line": lines[good], **self._counts(kept), **self._indices(chunk, good)})

    def columns(self) -> Columns:
        """Give all valid rows so far, in the order of the file."""
        return {name: np.concatenate([part[name] for part in self._parts]) for name in self._parts[0]}

    def _numbers(self, chunk: Chunk, lines: Ints) -> tuple[dict[str, Ints], Bools]:
        numbers: dict[str, Ints] = {}
        good = np.ones(len(lines), dtype=np.bool_)
        for reading in (*_OF_BOTH, *(_OF_AGGREGATES if self.mapping.aggregated else _OF_PAYMENTS)):
            column = getattr(self.mapping, reading.key)
            if column is None:
                continue
            texts = chunk.columns[column]
            distinct = self._distinct.setdefault(reading.key, _Distinct(reading.read))
            numbers[reading.key] = distinct.column(texts)
            if distinct.wrong:
                good &= self._reject(reading, texts, distinct.wrong, np.where(good, lines, _SKIPPED))
        return numbers, good

    def _reject(
        self, reading: _Reading, texts: Sequence[str], wrong: Mapping[str, str], lines: Ints
    ) -> Bools:
        """Report the rows with a wrong text that are not skipped already, and mark the others."""
        column = getattr(self.mapping, reading.key)
        fine = np.fromiter((text not in wrong for text in texts), np.bool_, len(texts))
        for row in np.flatnonzero(~fine & (lines != _SKIPPED)).tolist():
            why = wrong[texts[row]]
            detail = f"{column} {shown(texts[row])} {why}; expected is {values.EXPECTED[reading.expected]}"
            self.report.reject(int(lines[row]), f"{reading.key} {why}", detail)
        return fine

    def _possible(self, numbers: Mapping[str, Ints], good: Bools, lines: Ints) -> Bools:
        """Mark aggregated rows whose parts do not exceed the attempts."""
        fine = np.ones(len(lines), dtype=np.bool_)
        if not self.mapping.aggregated:
            return fine
        attempts, pending = numbers["attempts"], numbers.get("pending", np.zeros(len(lines), dtype=np.int64))
        ended = numbers["success"] + pending
        parts = {"successes and pending": ended, "payments": numbers.get("payments", ended)}
        for what, part in parts.items():
            for row in np.flatnonzero(good & fine & (part > attempts)).tolist():
                detail = f"{what} {part[row]} exceed attempts {attempts[row]}; at most as many are expected"
                self.report.reject(int(lines[row]), f"{what} exceed attempts", detail)
            fine &= part <= attempts
        return fine

    def _counts(self, kept: Mapping[str, Ints]) -> dict[str, Ints]:
        """Count attempts, successes and pending alike for both forms of rows."""
        others = {key: kept[key] for key in kept if key not in {"success", "pending"}}
        zero = np.zeros(len(kept["time"]), dtype=np.int64)
        pending = kept.get("pending", zero)
        if self.mapping.aggregated:
            return {**others, "successes": kept["success"], "pending": pending}
        pending = np.maximum(pending, kept["success"] == values.PENDING)
        successes = (kept["success"] == values.SUCCESS) & (pending == 0)
        return {**others, "attempts": zero + 1, "successes": successes.astype(np.int64), "pending": pending}

    def _indices(self, chunk: Chunk, good: Bools) -> dict[str, Ints]:
        mapping = self.mapping
        texts = chunk.columns if good.all() else _compressed(chunk.columns, good)
        found = {"cell": _number(list(zip(*(texts[name] for name in mapping.dims), strict=True)), self.cells)}
        if mapping.code is not None:
            found["code"] = _number([code.strip() for code in texts[mapping.code]], self.codes)
        if mapping.payment_id is not None:
            found["payment"] = _number(texts[mapping.payment_id], self.payment_ids)
        if mapping.aggregated:
            mapped = {column for _, column in mapping.named()}
            rest = [texts[name] for name in texts if name not in mapped]
            hashes = list(map(hash, zip(*rest, strict=True))) if rest else [0] * len(found["cell"])
            found["rest"] = np.array(hashes, dtype=np.int64)
        return found


def _compressed(columns: Mapping[str, Sequence[str]], good: Bools) -> dict[str, Sequence[str]]:
    selectors = good.tolist()
    return {name: list(compress(column, selectors)) for name, column in columns.items()}


def _number(keys: Sequence[Key], known: dict[Key, int]) -> Ints:
    """Give each key its number; a new one gets the next."""
    for key in dict.fromkeys(keys):
        known.setdefault(key, len(known))
    return np.fromiter(map(known.__getitem__, keys), np.int64, len(keys))
