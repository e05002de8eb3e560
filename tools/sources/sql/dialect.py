"""How each database says the same few things."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

from payments.errors import BadMapping
from payments.window import LATENCY_BINS, LATENCY_EDGES_MS

TimeKind = Literal["instant", "local", "seconds", "milliseconds"]
"""What a column of times holds: with a zone, in UTC without one, or a number since 1970."""

_US: Final[Mapping[TimeKind, int]] = MappingProxyType({"seconds": 10**6, "milliseconds": 10**3})


def quoted(name: str) -> str:
    """Quote the name of a column or table.

    Raises:
        BadMapping: no database can have such a name.

    >>> quoted("issuer bank")
    '"issuer bank"'
    """
    if not name or not name.isprintable() or any(one in name for one in '"`\\'):
        raise BadMapping(
            f"{name!r} cannot be the name of a column or table; rename it in a query of your own."
        )
    return f'"{name}"'


def words(texts: Sequence[str]) -> str:
    """Write words of ours as a list of literals."""
    return ", ".join(f"'{text}'" for text in texts)


class Dialect(ABC):
    """Expressions over a column, which come as SQL text already quoted."""

    def scale_us(self, kind: TimeKind) -> int | None:
        """Give the microseconds of one unit of a number of time; None where it is a time of the database."""
        return _US.get(kind)

    @abstractmethod
    def instant(self, micros: int, kind: TimeKind) -> str:
        """Write an instant in microseconds since 1970 as a literal that a column of times compares with."""

    @abstractmethod
    def tick(self, time: str, kind: TimeKind, tick_us: int) -> str:
        """Give the start of a time's increment, in microseconds since 1970."""

    @abstractmethod
    def text(self, column: str, type_name: str) -> str:
        """Give a column as text, empty where there is none."""

    @abstractmethod
    def whole(self, column: str) -> str:
        """Give a column as a whole number, 0 where there is none."""

    @abstractmethod
    def bin(self, latency_ms: str) -> str:
        """Give the bin of a latency in milliseconds; -1 where there is none."""

    @abstractmethod
    def once(self, select: str, keys: Sequence[str], time: str) -> str:
        """Keep the first row of each combination of keys."""


class ClickHouse(Dialect):
    """Says it to ClickHouse, embedded or a server."""

    def instant(self, micros: int, kind: TimeKind) -> str:
        """Write an instant as a literal."""
        scale = self.scale_us(kind)
        return f"fromUnixTimestamp64Micro({micros}, 'UTC')" if scale is None else str(micros // scale)

    def tick(self, time: str, kind: TimeKind, tick_us: int) -> str:
        """Give the start of a time's increment."""
        scale = self.scale_us(kind)
        micros = (
            f"toUnixTimestamp64Micro(toDateTime64({time}, 6, 'UTC'))"
            if scale is None
            else f"toInt64({time} * {scale})"
        )
        return f"intDiv({micros}, {tick_us}) * {tick_us}"

    def text(self, column: str, type_name: str) -> str:
        """Give a column as text; dictionary-encoded, which travels in a tenth of the bytes."""
        if type_name == "LowCardinality(String)":
            return column
        return (
            f"toLowCardinality({column if type_name == 'String' else f'''ifNull(toString({column}), '')'''})"
        )

    def whole(self, column: str) -> str:
        """Give a column as a whole number."""
        return f"toInt64(ifNull({column}, 0))"

    def bin(self, latency_ms: str) -> str:
        """Work the bin out from its logarithm."""
        first, ratio = float(LATENCY_EDGES_MS[0]), float(LATENCY_EDGES_MS[1] / LATENCY_EDGES_MS[0])
        place = f"1 + floor(log({latency_ms} / {first}) / {math.log(ratio)!r} + 1e-9)"
        inside = f"if({latency_ms} < {first}, 0, least({LATENCY_BINS - 1}, {place}))"
        return f"toInt16(if(ifNull({latency_ms} >= 0, 0), ifNull({inside}, -1), -1))"

    def once(self, select: str, keys: Sequence[str], time: str) -> str:
        """Keep the first row of each combination of keys."""
        return f"{select} ORDER BY {time} LIMIT 1 BY {', '.join(keys)}"


class PostgreSQL(Dialect):
    """Says it to PostgreSQL, from version 14 on."""

    def instant(self, micros: int, kind: TimeKind) -> str:
        """Write an instant as a literal."""
        scale = self.scale_us(kind)
        if scale is not None:
            return str(micros // scale)
        moment = f"(timestamptz 'epoch' + interval '{micros} microseconds')"
        return f"({moment} AT TIME ZONE 'UTC')" if kind == "local" else moment

    def tick(self, time: str, kind: TimeKind, tick_us: int) -> str:
        """Give the start of a time's increment."""
        scale = self.scale_us(kind)
        micros = f"extract(epoch FROM {time}) * 1000000" if scale is None else f"{time}::numeric * {scale}"
        return f"(floor(({micros}) / {tick_us}) * {tick_us})::bigint"

    def text(self, column: str, type_name: str) -> str:
        """Give a column as text."""
        return f"coalesce({column}::text, '')"

    def whole(self, column: str) -> str:
        """Give a column as a whole number."""
        return f"coalesce({column}, 0)::bigint"

    def bin(self, latency_ms: str) -> str:
        """Look the bin up in the edges."""
        edges = ", ".join(repr(edge) for edge in LATENCY_EDGES_MS.tolist())
        place = f"width_bucket({latency_ms}::double precision, ARRAY[{edges}]::double precision[])"
        return f"(CASE WHEN {latency_ms} >= 0 THEN {place} ELSE -1 END)"

    def once(self, select: str, keys: Sequence[str], time: str) -> str:
        """Keep the first row of each combination of keys."""
        combined = ", ".join(keys)
        return (
            f"{select.replace('SELECT ', f'SELECT DISTINCT ON ({combined}) ', 1)} ORDER BY {combined}, {time}"
        )
