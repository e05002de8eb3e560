"""What the environment says of a collector of traces; nothing of a vendor is imported to read it."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from payments.errors import SettingsError

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
HEADERS: Final = ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")
SPOKEN: Final = "http/protobuf"


def is_named(environment: Mapping[str, str]) -> bool:
    """Say whether a collector is named."""
    return bool(_given(environment, ENDPOINTS))


def check(environment: Mapping[str, str]) -> None:
    """Refuse at the start what the vendor would only warn of.

    Raises:
        SettingsError: what to fix; an address or a header may hold a password and is not repeated.
    """
    for name, spoken in _given(environment, PROTOCOLS).items():
        if spoken != SPOKEN:
            raise SettingsError(f"{name} is {spoken!r}; traces are sent by {SPOKEN} alone.")
    for name, address in _given(environment, ENDPOINTS).items():
        if not _is_address(address):
            raise SettingsError(f"{name} is no address that begins with https:// or http://.")
    for name, headers in _given(environment, HEADERS).items():
        if not all("=" in header for header in headers.split(",")):
            raise SettingsError(f"{name} is no list such as name=value,name=value.")


def _given(environment: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name in names if (value := environment.get(name, "").strip())}


def _is_address(given: str) -> bool:
    try:
        parts = urlsplit(given)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
