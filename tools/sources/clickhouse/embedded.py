"""ClickHouse inside this process, with its data in a folder."""

import fcntl
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from payments.errors import SettingsError
from tools.sources.clickhouse.engine import missing, reason
from tools.sources.stream.reader import SourceDown

if TYPE_CHECKING:
    import pyarrow as pa

_AS_ARROW: Final = (
    "SETTINGS output_format_arrow_low_cardinality_as_dictionary = 1, "
    "output_format_arrow_compression_method = 'none'"  # it only goes to another place in memory
)


class _Session:
    """A way to the data in a folder; each carries out one statement at a time."""

    database: Final = "default"

    def __init__(self, name: str, data: Path) -> None:
        from chdb.session import Session

        self.name, self._data = name, data
        self._session: Any = Session(str(data))  # type: ignore[no-untyped-call] # it has no annotations

    def beside(self) -> "_Session":
        """Open another way to the same data."""
        return _Session(self.name, self._data)

    def table(self, query: str) -> "pa.Table":
        """Give the result of a query; texts are dictionary-encoded."""
        import pyarrow as pa

        answer = self._ask(f"{query} {_AS_ARROW}", "ArrowStream")
        with pa.ipc.open_stream(io.BytesIO(answer)) as stream:
            return stream.read_all()

    def run(self, statement: str) -> None:
        """Run a statement without a result."""
        self._ask(statement, "Null")

    def insert(self, name: str, rows: "pa.Table") -> None:
        """Add rows to a table, by the names of their columns."""
        columns = ", ".join(rows.column_names)
        # The engine's function Python finds the table by the name that it has here, and copies nothing.
        statement = f"INSERT INTO {name} ({columns}) SELECT {columns} FROM Python(rows)"  # noqa: S608 - our names
        self._ask(statement, "Null")

    def close(self) -> None:
        """End it: an engine that is left running can take the interpreter down with it."""
        self._session.close()

    def _ask(self, statement: str, form: str) -> bytes:
        try:
            return bytes(self._session.query(statement, form).bytes())
        except RuntimeError as error:
            raise SourceDown(f"The embedded ClickHouse refuses: {reason(error)}.") from error


class Embedded(_Session):
    """Implements `Engine` with chdb; one process at a time has the folder.

    Raises:
        SettingsError: chdb is not installed, or another process has the folder.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # The engine has a lock of its own, but says so on standard error, in many lines.
        self._lock = (folder / "owner.lock").open("w", encoding="ascii")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            super().__init__(f"chdb:{folder.name}", folder / "data")
        except ImportError as error:
            self._lock.close()
            raise missing("chdb-core") from error
        except (OSError, RuntimeError) as error:
            self._lock.close()
            raise SettingsError(
                f"The embedded ClickHouse in {str(folder)!r} is in use by another watch or ingest: end "
                "that, or use a ClickHouse server (clickhouse://...)."
            ) from error

    def close(self) -> None:
        """End the engine, and let go of the folder."""
        super().close()
        self._lock.close()
