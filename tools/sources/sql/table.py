"""Which table is read: its name, or a query of your own from a file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from payments.errors import BadFile, BadMapping
from tools.sources.mapping import ColumnMap, recognise
from tools.sources.sql.dialect import TimeKind, quoted

_MILLISECONDS_FROM = 1e11
_MICROSECONDS_FROM = 1e14
_NUMBERS = ("int", "uint", "numeric", "decimal", "float", "double", "real", "bigint")


@dataclass(frozen=True)
class Given:
    """A table as SQL, and what it is called in messages."""

    name: str
    query: str | None = None

    @property
    def sql(self) -> str:
        """What stands behind FROM."""
        if self.query is not None:
            return f"({self.query})"
        return ".".join(quoted(part) for part in self.name.split("."))

    @property
    def none(self) -> str:
        """A query that gives the columns and no row."""
        return f"SELECT * FROM {self.sql} AS _rows LIMIT 0"

    @classmethod
    def of(cls, argument: str) -> Self:
        """Read the argument: a file that ends in .sql holds a query, anything else is a name.

        Raises:
            BadFile: the file cannot be read, or holds no single SELECT.
        """
        if not argument.lower().endswith(".sql"):
            return cls(argument)
        try:
            query = Path(argument).read_text(encoding="utf-8").strip().removesuffix(";").rstrip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadFile(f"The query {argument!r} cannot be read: {error}.") from error
        if not query.lower().startswith(("select", "with")) or ";" in query:
            raise BadFile(f"The query {argument!r} is no single SELECT (or WITH ... SELECT).")
        return cls(Path(argument).name, query)

    def recognise(self, types: Mapping[str, str]) -> ColumnMap:
        """Find the meaning of columns with common names.

        Raises:
            BadMapping: they are not recognised.
        """
        return recognise(tuple(types))


def time_kind(table: Given, column: str, type_name: str, largest: Callable[[str], float | None]) -> TimeKind:
    """Tell seconds from milliseconds in a column of numbers, by the largest one.

    Raises:
        BadMapping: the column holds neither times nor such numbers.
    """
    name = type_name.lower().removeprefix("nullable(")
    if not name.startswith(_NUMBERS):
        raise BadMapping(
            f"time={column}: its type is {type_name}; a time is expected, or seconds or milliseconds since "
            "1970."
        )
    value = largest(f"SELECT max({quoted(column)}) FROM {table.sql} AS _rows") or 0.0
    if value >= _MICROSECONDS_FROM:
        raise BadMapping(f"time={column}: {value:g} is neither seconds nor milliseconds since 1970.")
    return "milliseconds" if value >= _MILLISECONDS_FROM else "seconds"
