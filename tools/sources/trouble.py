"""Why a source does not answer, in one sentence that says what to fix."""

import re

from tools.sources.address import PASSWORD
from tools.sources.stream.reader import SourceDown

_SAID_AT_MOST = 300
_IDENTITY = re.compile(r"/?\?query_id=[0-9a-f-]+")
"""Of one query; it says nothing to people."""

_KINDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("certificate", "ssl", "tls"),
        "fails in TLS: check that the port speaks TLS and that its certificate is trusted (SSL_CERT_FILE)",
    ),
    (
        ("authentication failed", "password authentication", "no password supplied", "not authenticated",
         "http status 401"),
        "refuses the user or the password: check the user in the address and " + PASSWORD,
    ),
    (
        ("permission denied", "not enough privileges", "access_denied"),
        "lets this user not read it: grant SELECT (or the API's read right) to the user",
    ),
    (
        ("name or service not known", "could not translate host", "failed to resolve", "getaddrinfo",
         "nodename nor servname", "temporary failure in name resolution"),
        "has a name that nobody knows: check the host in the address",
    ),
    (
        ("timed out", "timeout", "canceling statement"),
        "takes too long to answer: check its load, and that the column of the time has an index",
    ),
    (
        ("refused", "unreachable", "connection", "disconnected", "reset by peer", "closed"),
        "cannot be reached: check host and port in the address, and that it is running",
    ),
)  # fmt: skip


def down(where: str, error: Exception) -> SourceDown:
    """Make the error that tells people what to fix; what the vendor says stands at its end."""
    said = (
        _IDENTITY.sub("", " ".join(str(error).split()))[:_SAID_AT_MOST].rstrip(". ") or type(error).__name__
    )
    lowered = said.lower()
    for signs, words in _KINDS:
        if any(sign in lowered for sign in signs):
            return SourceDown(f"{where} {words} ({said}).")
    return SourceDown(f"{where} gives no usable answer: {said}.")
