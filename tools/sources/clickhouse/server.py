"""A ClickHouse server or cluster, over HTTP."""

import logging
from typing import TYPE_CHECKING, Final

from tools.sources.address import Address
from tools.sources.clickhouse.engine import missing, reason
from tools.sources.stream.reader import SourceDown
from tools.sources.trouble import down

if TYPE_CHECKING:
    import pyarrow as pa

CONNECT_S, ANSWER_S = 5, 30

_PLAIN_PORT, _TLS_PORT = 8123, 8443
_OF_THE_QUERY: Final = ("UNKNOWN_", "SYNTAX_ERROR", "ILLEGAL_TYPE", "TYPE_MISMATCH", "NO_COMMON_TYPE")


class Server:
    """Implements `Engine` with clickhouse-connect; `clickhouses://` speaks TLS.

    Raises:
        SettingsError: clickhouse-connect is not installed.
        SourceDown: the server does not let us in, or does not answer.
    """

    def __init__(self, address: Address, password: str) -> None:
        try:
            import clickhouse_connect
            from clickhouse_connect.driver.exceptions import Error
        except ImportError as error:
            raise missing("clickhouse-connect") from error
        self._address, self._password = address, password
        secure = address.scheme == "clickhouses"
        self.database = address.path or "default"
        self.name = f"clickhouse:{address.place}/{self.database}"
        self._errors = (Error, OSError)
        # What it logs is said again by the errors; without a handler it would stand on standard error.
        logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())
        try:
            self._client = clickhouse_connect.get_client(
                host=address.host,
                port=address.port or (_TLS_PORT if secure else _PLAIN_PORT),
                username=address.user or "default",
                password=password,
                database=self.database,
                secure=secure,
                connect_timeout=CONNECT_S,
                send_receive_timeout=ANSWER_S,
                query_retries=0,
                autogenerate_session_id=False,
            )
        except self._errors as error:
            raise self._down(error) from error

    def beside(self) -> "Server":
        """Open another connection."""
        return Server(self._address, self._password)

    def table(self, query: str) -> "pa.Table":
        """Give the result of a query."""
        import pyarrow as pa

        try:
            return self._client.query_arrow(query, use_strings=True)
        except (*self._errors, pa.ArrowException) as error:
            raise self._down(error) from error

    def run(self, statement: str) -> None:
        """Run a statement without a result."""
        try:
            self._client.command(statement)
        except self._errors as error:
            raise self._down(error) from error

    def insert(self, name: str, rows: "pa.Table") -> None:
        """Add rows to a table, by the names of their columns."""
        try:
            self._client.insert_arrow(name, rows)
        except self._errors as error:
            raise self._down(error) from error

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _down(self, error: Exception) -> SourceDown:
        if any(sign in str(error) for sign in _OF_THE_QUERY):
            return SourceDown(f"ClickHouse at {self.name} refuses: {reason(error)}.")
        return down(f"ClickHouse at {self.name}", error)
