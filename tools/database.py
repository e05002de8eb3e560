"""Opens the project's SQL database."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from payments.errors import PayOpsError, SettingsError
from tools.postgresql import is_postgresql, open_postgresql

P = ParamSpec("P")
T = TypeVar("T")

_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",  # a reader never waits for the writer
    "PRAGMA busy_timeout=10000",
    "PRAGMA synchronous=FULL",  # what is committed survives a power cut: actions rest on it
    "PRAGMA foreign_keys=ON",
)


def open_database(where: str | Path) -> Engine:
    """Open a database by its URL, or a SQLite file by its path; its folder is made.

    Raises:
        SettingsError: it cannot be opened. The message holds no password.
    """
    if isinstance(where, str) and is_postgresql(where):
        return open_postgresql(where)
    is_url = isinstance(where, str) and "://" in where
    try:
        if not is_url:
            Path(where).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(str(where) if is_url else URL.create("sqlite", database=str(where)))
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _set_pragmas)
        with engine.connect():
            return engine
    except (SQLAlchemyError, ImportError, OSError) as error:
        shown = "of DATABASE_URL" if is_url else repr(str(where))
        reason = str(getattr(error, "orig", None) or type(error).__name__)
        raise SettingsError(f"The database {shown} cannot be opened: {reason}.") from error


def lasting(do: Callable[P, T]) -> Callable[P, T]:
    """Do it once more when the connection broke in the middle; for what may be done twice.

    The new connection is waited for where connections are made, in `tools.postgresql`.
    """

    @wraps(do)
    def doing(*given: P.args, **named: P.kwargs) -> T:
        try:
            return do(*given, **named)
        except PayOpsError as error:
            cause = error.__cause__
            if not (isinstance(cause, DBAPIError) and cause.connection_invalidated):
                raise
        return do(*given, **named)

    return doing


def _set_pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()
