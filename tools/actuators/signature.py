"""Signed requests: the receiver knows who sent them, that nobody changed them, and that they are new."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from payments.errors import RefusedError


class SeenBefore(RefusedError):  # noqa: N818 - named for what it is
    """Raised for a request that was let pass before: what it asks may have been done then."""


TIMESTAMP, NONCE, SIGNATURE = "PayOps-Timestamp", "PayOps-Nonce", "PayOps-Signature"

TOLERANCE_S = 300.0
"""How far the timestamp of a request may lie from the receiver's clock, either way."""


@dataclass(frozen=True)
class Request:
    """What is signed, besides the instant and the nonce."""

    method: str
    path: str
    """With the query, as it stands in the request line."""
    body: bytes


def sign(request: Request, secret: bytes, at: datetime, nonce: str) -> dict[str, str]:
    """Give the headers that prove who sent the request and when."""
    timestamp = f"{at.timestamp():.3f}"
    return {TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: _digest(request, secret, timestamp, nonce)}


class Verifier:
    """The receiver's side; remembers the nonces of what it has let pass. Safe across threads."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._passed: dict[str, datetime] = {}
        self._lock = Lock()

    def check(self, request: Request, headers: Mapping[str, str], now: datetime) -> None:
        """Let a request pass once.

        Raises:
            SeenBefore: it passed before.
            RefusedError: it is not signed with our secret, was changed or is too old.
        """
        timestamp, nonce = headers.get(TIMESTAMP, ""), headers.get(NONCE, "")
        given = headers.get(SIGNATURE, "")
        expected = _digest(request, self._secret, timestamp, nonce)
        if not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("ascii")):
            raise RefusedError("The signature does not fit the request: check the secret on both sides.")
        off_s = abs(_seconds(timestamp) - now.timestamp())
        if not off_s <= TOLERANCE_S:
            raise RefusedError(
                f"The timestamp is {off_s:.0f} s from the receiver's clock, above the limit of "
                f"{TOLERANCE_S:.0f}: set both clocks right and sign anew."
            )
        self._once(nonce, now)

    def _once(self, nonce: str, now: datetime) -> None:
        with self._lock:
            # Twice the tolerance: a request signed on a clock ahead of ours stays acceptable for so long.
            oldest = now - timedelta(seconds=2 * TOLERANCE_S)
            self._passed = {one: at for one, at in self._passed.items() if at >= oldest}
            if nonce in self._passed:
                raise SeenBefore(f"The request {nonce!r} was received before: sign every request anew.")
            self._passed[nonce] = now


def _seconds(timestamp: str) -> float:
    try:
        return float(timestamp)
    except ValueError as error:
        raise RefusedError(f"The timestamp {timestamp!r} is no number of seconds since 1970.") from error


def _digest(request: Request, secret: bytes, timestamp: str, nonce: str) -> str:
    signed = b"\n".join(
        (request.method.encode(), request.path.encode(), timestamp.encode(), nonce.encode(), request.body)
    )
    return "sha256=" + hmac.new(secret, signed, "sha256").hexdigest()
