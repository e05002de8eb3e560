"""What the monitor sees: counts per cell of one stretch of time, as columns.

A *cell* is one combination of all attribute values (issuer, method, route, ...). An increment is a short
window (5 s by default); the 60 s window that people read is the sum of twelve.
"""

import math
import reprlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Self

import numpy as np
import numpy.typing as npt
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from payments.errors import InvalidWindow
from payments.money import Currency
from payments.quantity import MOST, CountColumn, Counts
from payments.segment import Segment

LATENCY_BINS = 48
"""Bins of the latency histogram. Bin 0 is below the first edge; the last is open above."""

Duration = Annotated[float, Field(gt=0.0, le=366 * 86_400.0)]
"""Length of a window in seconds: at most a year."""

_FIRST_EDGE_MS, _EDGE_RATIO = 10.0, 1.2

LATENCY_EDGES_MS: npt.NDArray[np.float64] = np.asarray(
    [_FIRST_EDGE_MS * _EDGE_RATIO**step for step in range(LATENCY_BINS - 1)], dtype=np.float64
)
"""Lower edges of bins 1.. in milliseconds: 10 ms x 1.2^k, up to about 44 s. Histograms merge by addition."""

_LATEST = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
"""A day to spare for time zones."""

CellKeys = tuple[tuple[str, ...], ...]


class Cells(BaseModel):
    """The cells that the columns of a window speak of, one row each.

    Sources hand out the same object while the cells stay the same, so that readers may compare by identity.
    """

    model_config = ConfigDict(frozen=True)

    attributes: tuple[str, ...]
    keys: CellKeys

    # Field validators run once; a model validator would run again in every window that holds these cells.
    @field_validator("attributes")
    @classmethod
    def _check_attributes(cls, attributes: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(attributes)) != len(attributes):
            msg = f"attribute named twice in {attributes!r}"
            raise ValueError(msg)
        return attributes

    @field_validator("keys")
    @classmethod
    def _check_keys(cls, keys: CellKeys, info: ValidationInfo) -> CellKeys:
        if "attributes" not in info.data:  # refused already
            return keys
        width = len(info.data["attributes"])
        for key in keys:
            if len(key) != width:
                msg = f"cell {key!r} has {len(key)} values for {width} attributes"
                raise ValueError(msg)
        if len(set(keys)) != len(keys):
            twice = next(key for key, times in Counter(keys).items() if times > 1)
            msg = f"cell {twice!r} is listed twice: add its counts up into one row"
            raise ValueError(msg)
        return keys

    def __len__(self) -> int:
        return len(self.keys)

    def segment(self, row: int) -> Segment:
        """Give the full segment of one cell."""
        return Segment(dict(zip(self.attributes, self.keys[row], strict=True)))

    def mask(self, segment: Segment) -> npt.NDArray[np.bool_]:
        """Mark the cells that lie in a segment: bool, shape (cells,)."""
        inside = np.ones(len(self.keys), dtype=np.bool_)
        for name, value in segment.root.items():
            if name not in self.attributes:
                return np.zeros(len(self.keys), dtype=np.bool_)
            column = self.attributes.index(name)
            inside &= np.fromiter((key[column] == value for key in self.keys), np.bool_, len(self.keys))
        return inside


class Window(BaseModel):
    """Counts per cell between `start` and `start + duration_s`.

    Columns are int64 of shape (cells,); `failures_by_code` is (cells, codes), `latency` is (cells,
    LATENCY_BINS). A column that the source cannot fill is None.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    start: AwareDatetime
    duration_s: Duration
    cells: Cells
    attempts: CountColumn
    successes: CountColumn
    pending: CountColumn
    """Attempts whose outcome is not known yet, such as read time-outs."""
    payments: CountColumn | None = None
    """Unique payments among the attempts: first attempts only. Attempts / payments shows retries."""
    codes: tuple[str, ...] = ()
    failures_by_code: CountColumn | None = None
    latency: CountColumn | None = None
    amount_minor: CountColumn | None = None
    """Sum of the attempted amounts in minor units of `currency`."""
    currency: Currency | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        cells = len(self.cells)
        if self.start > _LATEST - timedelta(seconds=self.duration_s):
            start = self.start.isoformat()
            msg = f"start {start} leaves no room for {self.duration_s!r} s before the year 10000"
            raise ValueError(msg)
        shapes = {
            "attempts": (cells,), "successes": (cells,), "pending": (cells,), "payments": (cells,),
            "amount_minor": (cells,), "failures_by_code": (cells, len(self.codes)),
            "latency": (cells, LATENCY_BINS),
        }  # fmt: skip
        for name, shape in shapes.items():
            column = getattr(self, name)
            if column is not None and column.shape != shape:
                msg = f"{name} has shape {column.shape}, expected {shape}"
                raise ValueError(msg)
        self._refuse(self.successes + self.pending > self.attempts, "successes and pending exceed attempts")
        if self.payments is not None:
            self._refuse(self.payments > self.attempts, "unique payments exceed attempts")
        if self.failures_by_code is not None:
            self._refuse(
                self.failures_by_code.sum(axis=1, dtype=np.float64) > self.failures,
                "failures by code exceed failures",
            )
        if self.latency is not None:
            self._refuse(self.latency.sum(axis=1) > self.attempts, "latency samples exceed attempts")
        return self

    def _refuse(self, wrong: npt.NDArray[np.bool_], what: str) -> None:
        if wrong.any():
            row = int(np.argmax(wrong))
            msg = (
                f"{what} in cell {self.cells.segment(row)}: attempts {int(self.attempts[row])}, "
                f"successes {int(self.successes[row])}, pending {int(self.pending[row])}"
            )
            raise ValueError(msg)

    @property
    def end(self) -> AwareDatetime:
        """The first instant after the window."""
        return self.start + timedelta(seconds=self.duration_s)

    @property
    def failures(self) -> Counts:
        """Attempts that ended in a decline or an error: int64, shape (cells,)."""
        return self.attempts - self.successes - self.pending

    @staticmethod
    def parse(data: Mapping[str, Any]) -> "Window":
        """Make a window from plain values, as a person pastes them.

        `data` has `start`, `duration_s` and `rows`; a row has `attributes`, `attempts`, `successes` and, if
        known, `pending`, `payments`, `codes` ({code: failures}).

        Raises:
            InvalidWindow: what is wrong, in which row, and what is expected.
        """
        try:
            return _from_rows(data)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "window"
            got = f", got {reprlib.repr(first['input'])}" if first["loc"] else ""
            msg = f"{where}: {first['msg'].removeprefix('Value error, ')}{got}"
            raise InvalidWindow(msg) from error
        except (KeyError, TypeError, ValueError) as error:
            msg = f"window cannot be read: {type(error).__name__} {error}"
            raise InvalidWindow(msg) from error


_Count = Annotated[int, Field(ge=0, le=MOST)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")

    attributes: dict[str, str]
    attempts: _Count
    successes: _Count
    pending: _Count = 0
    payments: _Count | None = None
    codes: dict[str, _Count] = {}


class _Rows(BaseModel):
    model_config = ConfigDict(extra="forbid")

    start: AwareDatetime
    duration_s: Duration = 60.0
    rows: list[_Row]


def _from_rows(data: Mapping[str, Any]) -> Window:
    given = _Rows.model_validate(dict(data))
    if not given.rows:
        msg = "rows: a window needs at least one row"
        raise InvalidWindow(msg)
    attributes = tuple(given.rows[0].attributes)
    for number, row in enumerate(given.rows):
        if set(row.attributes) != set(attributes):
            given_here, first = sorted(row.attributes), sorted(attributes)
            msg = f"rows.{number}: attributes {given_here} differ from those of row 0, {first}"
            raise InvalidWindow(msg)
    codes = tuple(sorted({code for row in given.rows for code in row.codes}))
    counted = all(row.payments is not None for row in given.rows)
    return Window(
        start=given.start,
        duration_s=given.duration_s,
        cells=Cells(
            attributes=attributes, keys=tuple(tuple(r.attributes[a] for a in attributes) for r in given.rows)
        ),
        attempts=_column([row.attempts for row in given.rows]),
        successes=_column([row.successes for row in given.rows]),
        pending=_column([row.pending for row in given.rows]),
        payments=_column([row.payments or 0 for row in given.rows]) if counted else None,
        codes=codes,
        failures_by_code=_column([[row.codes.get(code, 0) for code in codes] for row in given.rows])
        if codes
        else None,
    )


def _column(values: Sequence[object]) -> Counts:
    return np.asarray(values, dtype=np.int64)


def latency_bin(milliseconds: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Give the histogram bin of each latency in milliseconds; same shape as the input."""
    return np.searchsorted(LATENCY_EDGES_MS, np.asarray(milliseconds, dtype=np.float64), side="right")


def latency_quantile_ms(histogram: npt.ArrayLike, q: float) -> float | None:
    """Give the upper edge of the bin that holds the q-quantile, or None for an empty histogram."""
    counts = np.asarray(histogram, dtype=np.int64)
    total = int(counts.sum())
    if total == 0:
        return None
    place = int(np.searchsorted(np.cumsum(counts), max(1, math.ceil(q * total))))
    return float(LATENCY_EDGES_MS[min(place, LATENCY_BINS - 2)])
