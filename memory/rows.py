"""Between models and rows: JSON that keeps every value, and connections whose errors are ours.

The standard library writes the JSON, since pydantic's own writer refuses lone surrogates, which hostile
text may hold (and replaces them in keys), and turns infinities into null, which cannot be read back.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from payments.errors import InputError, StorageError

M = TypeVar("M", bound=BaseModel)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a connection to read with.

    Raises:
        StorageError: the database cannot be read.
    """
    with _errors_are_ours("cannot be read"), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction; all of it is kept at the end, or nothing of it after an error.

    Raises:
        StorageError: the database cannot be written.
    """
    with _errors_are_ours("cannot be written; nothing was changed"), engine.begin() as connection:
        yield connection


@contextmanager
def _errors_are_ours(consequence: str) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__)
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
    r"""Give text that every database can hold in a column: NUL and lone surrogates as escapes.

    >>> plain("a\x00b")
    'a\\x00b'
    """
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")
