"""Addresses of sources, such as clickhouse://reader@db.example:8443/payments."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from payments.errors import InputError

EMBEDDED, PUSH = "chdb", "push"

SCHEMES: Final = (
    "clickhouse", "clickhouses", "postgresql", "postgres", "prometheus", "prometheuss", EMBEDDED, PUSH,
)  # fmt: skip

PASSWORD = "PAYOPS_SOURCE_PASSWORD"  # noqa: S105 - the name of the variable, not what it holds


@dataclass(frozen=True)
class Address:
    """Where a source is, without anything secret."""

    scheme: str
    host: str = ""
    port: int | None = None
    user: str = ""
    path: str = ""
    """Without its slash: the database, or a folder."""
    options: Mapping[str, str] | None = None

    @property
    def place(self) -> str:
        """Host and port, as they are told to people."""
        return f"{self.host}:{self.port}" if self.port else self.host


def is_address(source: str) -> bool:
    """Tell an address from the name of a file.

    >>> is_address("chdb"), is_address("payments.csv")
    (True, False)
    """
    return source in {EMBEDDED, PUSH} or "://" in source


def parse_address(source: str) -> Address:
    """Read an address.

    Raises:
        InputError: its scheme is unknown, it lacks a host, or it holds a password.
    """
    if source in {EMBEDDED, PUSH}:
        return Address(source)
    try:
        parts = urlsplit(source)
        port = parts.port
    except ValueError as error:
        raise InputError(f"The source {_shown(source)} is no address: {error}.") from error
    if parts.scheme not in SCHEMES:
        raise InputError(
            f"The source {_shown(source)} has the unknown scheme {parts.scheme!r}; there are "
            f"{', '.join(SCHEMES)}."
        )
    if parts.password is not None:
        raise InputError(
            f"The source {_shown(source)} holds a password, which others on this machine can read: set "
            f"{PASSWORD} in the environment instead."
        )
    if not parts.hostname and parts.scheme not in {EMBEDDED, PUSH}:
        raise InputError(
            f"The source {_shown(source)} names no host; expected is {parts.scheme}://host:port/..."
        )
    return Address(
        parts.scheme,
        parts.hostname or "",
        port,
        unquote(parts.username or ""),
        unquote(parts.path).lstrip("/") if parts.scheme != EMBEDDED else unquote(parts.netloc + parts.path),
        dict(parse_qsl(parts.query)),
    )


def _shown(source: str) -> str:
    """Quote an address without the user and the password that it may hold."""
    scheme, separator, rest = source.partition("://")
    return repr(f"{scheme}{separator}{rest.rpartition('@')[2]}")
