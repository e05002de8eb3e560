"""Rows from a driver as a table of counts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tools.sources.stream.reader import CODE, CURRENCY

if TYPE_CHECKING:
    import pyarrow as pa


def table_of(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> "pa.Table":
    """Make a table of counts of rows; numbers may come as any type that is a whole number."""
    import pyarrow as pa

    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return pa.table(
        {
            name: pa.array(column, pa.string())
            if _is_text(name)
            else pa.array([int(value) for value in column], pa.int64())
            for name, column in zip(names, columns, strict=True)
        }
    )


def _is_text(name: str) -> bool:
    return name in {CODE, CURRENCY} or (name.startswith("d") and name[1:].isdigit())
