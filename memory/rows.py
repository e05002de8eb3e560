"""Between models and rows: JSON that keeps every value, and connections whose errors are ours.

The standard library writes the JSON, since pydantic's own writer refuses lone surrogates, which hostile
text may hold (and replaces them in keys), and turns infinities into null, which cannot be read back.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from hashlib import blake2b
from typing import ParamSpec, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from payments.errors import InputError, StorageError

M = TypeVar("M", bound=BaseModel)
P = ParamSpec("P")
T = TypeVar("T")

_INDEXED_CHARACTERS = 600
"""PostgreSQL takes 2,704 bytes into an index, and a character has at most four."""


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a connection to read with.

    Raises:
        StorageError: the database cannot be read.
    """
    with _errors_are_ours("cannot be read"), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(
                isolation_level="AUTOCOMMIT"
            )  # spares two ways to the server and back
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction; all of it is kept at the end, or nothing of it after an error.

    Raises:
        StorageError: the database cannot be written.
    """
    with _errors_are_ours("cannot be written; nothing was changed"), engine.begin() as connection:
        yield connection


def lasting(do: Callable[P, T]) -> Callable[P, T]:
    """Do it once more when the connection broke in the middle; for what may be done twice."""

    @wraps(do)
    def doing(*given: P.args, **named: P.kwargs) -> T:
        try:
            return do(*given, **named)
        except StorageError as error:
            cause = error.__cause__
            if not (isinstance(cause, DBAPIError) and cause.connection_invalidated):
                raise
        return do(*given, **named)

    return doing


@contextmanager
def _errors_are_ours(consequence: str) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__).partition("\n")[0]
        msg = f"the database {consequence}: {reason}"
        raise StorageError(msg) from error


def to_body(model: BaseModel) -> str:
    """Write a model as ASCII JSON."""
    return json.dumps(model.model_dump(), default=_instant)


def _instant(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    msg = f"{type(value).__name__} has no place in a row"
    raise TypeError(msg)


def from_body(model: type[M], body: str, name: str) -> M:
    """Read a model back; `name` says in errors what it is.

    Raises:
        InputError: the row was written by another version, or by nobody of us.
    """
    try:
        return model.model_validate(json.loads(body))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        reason = f"{where}: {first['msg']}"
    except ValueError as error:
        reason = str(error)
    msg = f"{name} cannot be read: {reason}; open it with the version that wrote it"
    raise InputError(msg)


def plain(text: str) -> str:
    r"""Give text that every database can hold in a column, and in its index.

    NUL and lone surrogates become escapes; of what is too long for an index a digest tells it from others.

    >>> plain("a\x00b")
    'a\\x00b'
    """
    held = text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")
    if len(held) <= _INDEXED_CHARACTERS:
        return held
    return held[:_INDEXED_CHARACTERS] + blake2b(held.encode("utf-8"), digest_size=16).hexdigest()
