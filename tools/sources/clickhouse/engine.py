"""What is asked of ClickHouse, wherever it runs, and its statements from files."""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Protocol

from payments.errors import SettingsError

if TYPE_CHECKING:
    import pyarrow as pa

INSTALL = "install it in the project's folder with .venv/bin/pip install -e '.[clickhouse]'"

_SAID_AT_MOST = 300


class Engine(Protocol):
    """A ClickHouse that runs statements."""

    @property
    def name(self) -> str:
        """Where it is, without anything secret."""

    @property
    def database(self) -> str:
        """The database that tables are in."""

    def beside(self) -> "Engine":
        """Open another connection, for a thread whose statements run beside those of this one.

        Raises:
            SourceDown: it does not answer.
        """

    def table(self, query: str) -> "pa.Table":
        """Give the result of a query.

        Raises:
            SourceDown: it does not answer, or refuses the query.
        """

    def run(self, statement: str) -> None:
        """Run a statement without a result.

        Raises:
            SourceDown: it does not answer, or refuses the statement.
        """

    def insert(self, name: str, rows: "pa.Table") -> None:
        """Add rows to a table, by the names of their columns.

        Raises:
            SourceDown: it does not answer, or refuses the rows.
        """

    def close(self) -> None:
        """Let go of it."""


def statements(file: str) -> tuple[str, ...]:
    """Give the statements of a SQL file beside this module, in order."""
    text = re.sub(r"(?m)^\s*--.*\n", "", _read(file))
    return tuple(part.strip() for part in re.split(r";\s*\n", text) if part.strip())


def named_statements(file: str) -> Mapping[str, str]:
    """Give the statements that stand under `-- name: NAME` in a SQL file beside this module."""
    parts = re.split(r"(?m)^-- name: (\w+)\n", _read(file))[1:]
    return {name: text.strip().removesuffix(";") for name, text in zip(parts[::2], parts[1::2], strict=True)}


def filled(statement: str, **names: str) -> str:
    """Put names into a statement; braces of its own, as in a regular expression, stay."""
    for name, value in names.items():
        statement = statement.replace(f"{{{name}}}", value)
    return statement


def reason(error: Exception) -> str:
    """Give what ClickHouse says in one line, without its version and its stack."""
    said = " ".join(str(error).split())
    found = re.search(r"Code: \d+\. DB::Exception: (.*?)(?: \(version [^)]*\))?$", said)
    return (found[1] if found else said)[:_SAID_AT_MOST].rstrip(". ")


def missing(package: str) -> SettingsError:
    """Make the error that says which package to install."""
    return SettingsError(f"ClickHouse needs the package {package!r}: {INSTALL}.")


def _read(file: str) -> str:
    return files("tools.sources.clickhouse").joinpath(file).read_text(encoding="utf-8")
