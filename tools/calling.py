"""One HTTP request to somebody else's server: short waits, a short answer, nothing of it in any log.

The transport is used without a client around it, which would log every address: some of them are secrets.
"""

import ssl
from collections.abc import Mapping
from functools import cache

import certifi
import httpx

CONNECT_S, ANSWER_S = 2.0, 5.0
"""Longest wait for a connection, and for each part of an answer."""
ANSWER_BYTES = 65_536

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""Before any of these a single byte of the request has left."""

_REMEDIES = (
    ("certificate", "let this machine trust who signed its certificate (SSL_CERT_FILE), or check the host"),
    ("SSL", "check that the port speaks TLS, or write http:// where it does not"),
    ("TLS", "check that the port speaks TLS, or write http:// where it does not"),
    ("not known", "check the host in its address"),
    ("Name or service", "check the host in its address"),
    ("No address", "check the host in its address"),
    ("name resolution", "check the host in its address, and this machine's name service"),
    ("refused", "check that it runs, and the host and port in its address"),
    ("timed out", "check the host and port in its address, and the network between"),
    ("unreachable", "check the host in its address, and the network between"),
)
"""What a reason holds, and what to do then; the first that fits is said."""


def call(
    method: str,
    url: httpx.URL,
    headers: Mapping[str, str],
    body: bytes = b"",
    answer_s: float = ANSWER_S,
    *,
    most_bytes: int = ANSWER_BYTES,
) -> httpx.Response:
    """Send a request and read its answer; redirections are not followed, no proxy or .netrc is used.

    Raises:
        httpx.HTTPError: there is no answer, or it is longer than `most_bytes`.
    """
    waits = httpx.Timeout(answer_s, connect=CONNECT_S).as_dict()
    request = httpx.Request(
        method,
        url,
        headers={**headers, "Connection": "close"},
        content=body,
        extensions={"timeout": waits},
    )
    with httpx.HTTPTransport(verify=trusted(), trust_env=False) as transport:
        answer = transport.handle_request(request)
        try:
            body = _body(answer, most_bytes)
            return httpx.Response(answer.status_code, headers=_kept(answer.headers), content=body)
        finally:
            answer.close()


def words(error: httpx.HTTPError) -> str:
    """Say why there is no answer and what to do about it, without a full stop."""
    reason = str(error).rstrip(".") or type(error).__name__
    if isinstance(error, httpx.TimeoutException) and "timed out" not in reason:
        reason = "it timed out"
    remedy = next((remedy for sign, remedy in _REMEDIES if sign in reason), None)
    return f"{reason}; {remedy}" if remedy else reason


@cache
def trusted() -> ssl.SSLContext:
    """Trust whom this machine trusts, and the usual authorities where it names none."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _kept(headers: httpx.Headers) -> dict[str, str]:
    """Keep the one header that matters: the body is decoded and measured by now."""
    return {name: headers[name] for name in ("retry-after",) if name in headers}


def _body(answer: httpx.Response, most_bytes: int) -> bytes:
    taken = bytearray()
    for part in answer.iter_bytes():
        taken += part
        if len(taken) > most_bytes:
            raise httpx.ReadError(f"the answer is longer than {most_bytes} bytes")
    return bytes(taken)
