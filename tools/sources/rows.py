"""Rows of a file as columns of numbers: which rows are valid, which cell they belong to, what they count."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
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
            numbers[reading.key], wrong = _read_distinct(texts, reading.read)
            if wrong:
                good &= self._reject(reading, texts, wrong, np.where(good, lines, _SKIPPED))
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
        rows, mapping = good.tolist(), self.mapping
        size = int(good.sum())

        def valid(columns: Iterable[str]) -> Iterator[tuple[str, ...]]:
            return compress(zip(*(chunk.columns[name] for name in columns), strict=True), rows)

        found = {"cell": _number(valid(mapping.dims), self.cells, size)}
        if mapping.code is not None:
            codes = (code.strip() for (code,) in valid([mapping.code]))
            found["code"] = _number(codes, self.codes, size)
        if mapping.payment_id is not None:
            found["payment"] = _number(
                (one for (one,) in valid([mapping.payment_id])), self.payment_ids, size
            )
        if mapping.aggregated:
            rest = [name for name in chunk.columns if name not in {column for _, column in mapping.named()}]
            hashes = (hash(row) for row in valid(rest)) if rest else iter([0] * size)
            found["rest"] = np.fromiter(hashes, np.int64, size)
        return found


def _read_distinct(texts: Sequence[str], read: Callable[[str], int]) -> tuple[Ints, dict[str, str]]:
    """Read each distinct text once; gives the values (0 for wrong ones) and what is wrong with which text."""
    found: dict[str, int] = {}
    wrong: dict[str, str] = {}
    for text in set(texts):
        try:
            found[text] = read(text)
        except ValueError as error:
            found[text], wrong[text] = 0, str(error)
    return np.fromiter(map(found.__getitem__, texts), np.int64, len(texts)), wrong


def _number(keys: Iterable[Key], known: dict[Key, int], size: int) -> Ints:
    """Give each key its number; a new one gets the next."""
    return np.fromiter((known.setdefault(key, len(known)) for key in keys), np.int64, size)
