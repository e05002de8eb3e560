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
_FRACTIONS = ("numeric", "decimal", "float", "double", "real")
_NUMBERS = ("int", "uint", "bigint", *_FRACTIONS)
_ROWS_LOOKED_AT = 100_000


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
    if not _is_one_of(_NUMBERS, type_name):
        raise BadMapping(
            f"time={column}: its type is {type_name}; a time is expected, or seconds or milliseconds since "
            "1970."
        )
    value = largest(f"SELECT max({quoted(column)}) FROM {table.sql} AS _rows") or 0.0
    if value >= _MICROSECONDS_FROM:
        raise BadMapping(f"time={column}: {value:g} is neither seconds nor milliseconds since 1970.")
    return "milliseconds" if value >= _MILLISECONDS_FROM else "seconds"


def check_whole(table: Given, column: str, type_name: str, largest: Callable[[str], float | None]) -> None:
    """See that amounts are whole minor units, by the first rows where the type allows fractions.

    Raises:
        BadMapping: it holds fractions, which counting would cut off.
    """
    if not _is_one_of(_FRACTIONS, type_name):
        return
    name = quoted(column)
    some = f"SELECT {name} FROM {table.sql} AS _rows WHERE {name} IS NOT NULL LIMIT {_ROWS_LOOKED_AT}"
    if (largest(f"SELECT max({name} - floor({name})) FROM ({some}) AS _some") or 0.0) > 0:
        raise BadMapping(
            f"amount={column}: it holds fractions, and amounts are whole minor units, such as cents. Give "
            "--table a file that ends in .sql with a query of your own, such as SELECT *, "
            f"round({column} * 100) AS amount_minor FROM ..., and name that column."
        )


def _is_one_of(kinds: tuple[str, ...], type_name: str) -> bool:
    return type_name.lower().removeprefix("nullable(").startswith(kinds)
