"""The driver's own cursors on a PostgreSQL server, for a library that brings its own statements."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from payments.errors import StorageError
from tools.postgresql import RETRY_S, in_one_line

_TRY_LOCK = text("SELECT pg_try_advisory_lock(hashtext('payops: checkpoints'))")
_UNLOCK = text("SELECT pg_advisory_unlock(hashtext('payops: checkpoints'))")


@contextmanager
def transaction(engine: Engine) -> Iterator[Any]:
    """Give a cursor of the driver, with rows by name, within a transaction: all of it is kept, or nothing.

    Raises:
        StorageError: the database cannot be used; nothing was changed.
    """
    from psycopg.rows import dict_row

    with _errors_are_ours(engine), engine.begin() as connection:
        driver: Any = connection.connection.driver_connection
        with driver.cursor(binary=True, row_factory=dict_row) as cursor:
            yield cursor


@contextmanager
def alone(engine: Engine) -> Iterator[Any]:
    """Give the driver's connection outside of any transaction, to one process at a time.

    Some tables can only be changed so. A lock that is waited for would be waited for by those changes.

    Raises:
        StorageError: the database cannot be used, or forbids what was to be done.
    """
    with _errors_are_ours(engine), engine.connect() as connection:
        outside = connection.execution_options(isolation_level="AUTOCOMMIT")
        while not outside.scalar(_TRY_LOCK):
            time.sleep(RETRY_S)
        try:
            yield outside.connection.driver_connection
        finally:
            outside.execute(_UNLOCK)


@contextmanager
def _errors_are_ours(engine: Engine) -> Iterator[None]:
    try:
        yield
    except engine.dialect.loaded_dbapi.Error as error:  # what was done past SQLAlchemy
        lost = isinstance(error, engine.dialect.loaded_dbapi.OperationalError)
        told = DBAPIError(None, None, error, connection_invalidated=lost)
        raise StorageError(_unusable(error)) from told
    except SQLAlchemyError as error:
        raise StorageError(_unusable(getattr(error, "orig", None) or error)) from error


def _unusable(error: BaseException) -> str:
    return f"the database cannot be used; nothing was changed: {in_one_line(error)}"
