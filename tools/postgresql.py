"""A PostgreSQL server as the project's database: opened with words on what to fix, and waited for."""

import logging
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from payments.errors import SettingsError

SCHEMES = ("postgresql://", "postgres://", "postgresql+psycopg://")
PATIENCE_S = 300.0
"""How long a server that was there is waited for: longer than a restart or a change of the primary takes."""
RETRY_S = 0.5
DEFAULTS = {"application_name": "payops", "connect_timeout": "5", "tcp_user_timeout": "15000"}
"""Parameters of libpq: seconds to connect in, milliseconds after which a silent line counts as broken."""

_IN_THE_MIDDLE = "-c idle_in_transaction_session_timeout=4000"
"""Milliseconds after which the server ends a transaction that its process has left standing, as one that is
paused does: its locks would keep everybody else waiting."""

_LOG = logging.getLogger(__name__)

_REMEDIES = (
    ("translate host name", "check the host in DATABASE_URL"),
    ("resolve host", "check the host in DATABASE_URL"),
    ("certificate", "check sslmode, sslrootcert and the host in DATABASE_URL"),
    ("SSL", "check sslmode in DATABASE_URL, or let the server offer TLS"),
    ("pg_hba.conf", "let this user in from this machine in the server's pg_hba.conf, or check sslmode"),
    ("password", "check the user and the password in DATABASE_URL, or set PGPASSWORD"),
    ("authentication failed", "check the user and the password in DATABASE_URL"),
    ("role ", "check the user in DATABASE_URL, or create it"),
    ("permission denied for database", "grant CONNECT on the database to the user of DATABASE_URL"),
    ("database ", "create the database, or check its name in DATABASE_URL"),
    ("refused", "check that the server runs, and the host and port in DATABASE_URL"),
    ("timeout", "check the host and port in DATABASE_URL, and the network between"),
    ("unreachable", "check the host and port in DATABASE_URL, and the network between"),
    ("URI query", "correct what stands behind the ? in DATABASE_URL"),
    ("connection option", "correct what stands behind the ? in DATABASE_URL"),
)
"""What a reason holds, and what to do then; the first that fits is said."""

_STANDING = text(
    "SELECT current_schema() AS schema, pg_is_in_recovery() OR current_setting('transaction_read_only')::bool"
    " AS read_only, has_schema_privilege(current_schema(), 'CREATE') AS may_create,"
    " to_regclass('incidents') IS NOT NULL AS has_tables"
)


class Line:
    """Makes the connections of an engine; once there was one, a server that is away is waited for.

    People are told once each time, by the log, and never with a password.
    """

    def __init__(
        self,
        patience_s: float = PATIENCE_S,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._patience_s, self._clock, self._pause = patience_s, clock, pause
        self._was_there = self._is_away = False

    def connect(self, dialect: Any, _record: object, given: Any, named: Any) -> Any:  # noqa: ANN401 - the driver's
        """Connect as SQLAlchemy asks for it (its event `do_connect`)."""
        until = self._clock() + self._patience_s
        while True:
            try:
                connection = dialect.connect(*given, **named)
            except dialect.loaded_dbapi.Error as error:
                if not self._was_there or self._clock() >= until:
                    self._was_there = False  # who comes next need not wait as long in vain
                    raise
                self._tell(error)
                self._pause(RETRY_S)
            else:
                self._was_there, self._is_away = True, False
                return connection

    def lost(self, context: ExceptionContext) -> None:
        """Hear of an error (SQLAlchemy's event `handle_error`): a connection that broke is told."""
        if context.is_disconnect:
            self._tell(context.original_exception)

    def _tell(self, error: BaseException) -> None:
        if not self._is_away:
            self._is_away = True
            _LOG.warning(
                "the connection to the database was lost (%s); it is tried again for up to %.0f s",
                in_one_line(error),
                self._patience_s,
            )


def is_postgresql(where: object) -> bool:
    """Say whether a database is named that this module opens."""
    return isinstance(where, str) and where.startswith(SCHEMES)


def open_postgresql(where: str, line: Line | None = None) -> Engine:
    """Open a server's database.

    Raises:
        SettingsError: it cannot be used; the message says what to fix, and holds no password.
    """
    engine = _engine(_url(where), line or Line())
    try:
        with engine.connect() as connection:
            _refuse_what_cannot_be_used(connection)
    except SQLAlchemyError as error:
        engine.dispose()
        reason = in_one_line(getattr(error, "orig", None) or error)
        msg = f"The database of DATABASE_URL cannot be opened: {reason}; {_remedy(reason)}."
        raise SettingsError(msg) from error
    except SettingsError:
        engine.dispose()
        raise
    return engine


def in_one_line(error: BaseException) -> str:
    """Give what a driver's error says, without what it says about the statement."""
    lines = [line.strip() for line in str(error).strip().splitlines()]
    return " ".join((lines[0] if lines else type(error).__name__).split()).rstrip(".")


def _url(where: str) -> URL:
    try:
        url = make_url(where.replace("postgres://", "postgresql://", 1))
    except (ArgumentError, ValueError) as error:
        msg = (
            "DATABASE_URL cannot be read; allowed is postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with "
            "what is special in a password percent-encoded."
        )
        raise SettingsError(msg) from error
    if "@" in (url.host or ""):
        msg = "The password in DATABASE_URL holds an @: write %40 for it, or set PGPASSWORD instead."
        raise SettingsError(msg)
    options = " ".join([_IN_THE_MIDDLE, *_texts(url.query.get("options", ()))])  # what people say wins
    return url.set(drivername="postgresql+psycopg", query={**DEFAULTS, **url.query, "options": options})


def _texts(given: str | tuple[str, ...]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else given


def _engine(url: URL, line: Line) -> Engine:
    try:
        engine = create_engine(url, pool_pre_ping=True)
    except ImportError as error:
        msg = (
            "DATABASE_URL names a PostgreSQL server, and its driver is not installed: install the extra "
            "`postgres` (pip install 'payops-crew[postgres]')."
        )
        raise SettingsError(msg) from error
    event.listen(engine, "do_connect", line.connect)
    event.listen(engine, "handle_error", line.lost)
    return engine


def _refuse_what_cannot_be_used(connection: Connection) -> None:
    standing = connection.execute(_STANDING).one()
    if standing.schema is None:
        problem = "its search_path names no schema that is there"
        remedy = "create the schema, or correct the search_path"
    elif standing.read_only:
        problem, remedy = "it can only be read", "name the primary server, or a user who may write"
    elif not (standing.may_create or standing.has_tables):
        schema = standing.schema
        problem = f"the user may not make tables in the schema {schema!r}"
        remedy = f"grant CREATE on it (GRANT CREATE ON SCHEMA {schema} TO the user)"
    else:
        return
    raise SettingsError(f"The database of DATABASE_URL cannot be used: {problem}; {remedy}.")


def _remedy(reason: str) -> str:
    return next((words for part, words in _REMEDIES if part in reason), "check DATABASE_URL")
