"""`run.py console`: who may come in, where it listens, and what is served."""

import getpass
import ipaddress
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import uvicorn

from console.compose import open_incidents
from console.outside import now
from console.settings import Settings, load_settings
from console.telemetry import telemetry_of
from console.web.access.entrance import Entrance, LocalEntrance, ProxyEntrance, Seals, TokenEntrance
from console.web.access.guard import LOOPBACK_NAMES
from console.web.access.rate import Failures
from console.web.access.sessions import Sessions
from console.web.access.tokens import TokenFile
from console.web.app import create_app, end_streams
from console.web.beside import watching
from console.web.site import Site, templates
from console.web.threads import share_heap
from memory.live import FILE as BOARD
from memory.live_reading import LiveReader
from payments.errors import SettingsError
from tools.ports import Telemetry


@dataclass(frozen=True)
class Place:
    """Where the console listens."""

    host: str
    port: int
    metrics_port: int | None = None
    """Where Prometheus finds `/metrics` on the loopback address."""

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def console(place: Place, watch: tuple[str, ...], config: Path | None) -> None:
    """Serve the console until interrupted; with words for `run.py watch`, watch too, in another process."""
    share_heap()
    settings = load_settings(config)
    with telemetry_of(settings, place.metrics_port) as telemetry:
        _serve(place, watch, config, settings, telemetry)


def _serve(
    place: Place, watch: tuple[str, ...], config: Path | None, settings: Settings, telemetry: Telemetry
) -> None:
    entrance = entrance_of(settings, place)
    sockets = bound(place)
    _try_state(settings)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the watch beside it is ended too
    with watching(watch, config) as beside:
        _warm_up()
        sys.stderr.write(f"The console is at http://{_in_url(place.host)}:{place.port}/ (Ctrl-C ends it).\n")
        sys.stderr.flush()
        site = replace(site_of(settings, entrance), ended=beside.ended, telemetry=telemetry)
        serve(site, hosts_of(settings, place), sockets)


def bound(place: Place) -> list[socket.socket]:
    """Take the place before anything begins; nobody is listened to yet.

    Raises:
        SettingsError: it is taken, or is none of this machine's.
    """
    sockets = list[socket.socket]()
    try:
        for address in _addresses(place):
            sockets.append(_bound(*address))
    except OSError as error:
        for one in sockets:
            one.close()
        msg = (
            f"The console cannot listen at {place.host!r}, port {place.port}: {error.strerror}. "
            "Give another --port, or an address of this machine as --host."
        )
        raise SettingsError(msg) from error
    return sockets


def _addresses(place: Place) -> dict[tuple[int, Any], None]:
    found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return {(family, address): None for family, _, _, _, address in found}


def _bound(family: int, address: Any) -> socket.socket:  # noqa: ANN401 - its form is the family's
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(address)
    except OSError:
        one.close()
        raise
    return one


def _try_state(settings: Settings) -> None:
    """Open what the pages read before anybody is told that they are there."""
    with open_incidents(settings):
        LiveReader(settings.state_dir / BOARD).close()


def _warm_up() -> None:
    """Import what a decision needs before anybody waits for it: some seconds of libraries."""
    for name in ("graph.approvals", "graph.crew", "memory.index"):
        import_module(name)


def site_of(settings: Settings, entrance: Entrance) -> Site:
    """Join what the pages need."""
    return Site(settings, entrance, Seals.drawn(token_urlsafe), now, templates())


class _Server(uvicorn.Server):
    """Ends the streams before it ends: pages listen for ever, and would be cut off with a traceback."""

    def __init__(self, config: uvicorn.Config, end: Callable[[], None]) -> None:
        super().__init__(config)
        self._end = end

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._end()
        await super().shutdown(sockets)


def serve(site: Site, hosts: tuple[str, ...], sockets: Sequence[socket.socket]) -> None:
    """Serve a site until interrupted."""
    app = create_app(site, hosts)
    # The address of whoever connects is the truth that a trusted proxy is known by: no header changes it.
    config = uvicorn.Config(
        app, log_level="warning", proxy_headers=False, server_header=False, timeout_graceful_shutdown=5
    )
    with suppress(KeyboardInterrupt):
        _Server(config, lambda: end_streams(app)).run(list(sockets))


def entrance_of(settings: Settings, place: Place) -> Entrance:
    """Choose how people come in.

    Raises:
        SettingsError: others than this machine could reach it and nobody would ask who they are.
    """
    if settings.console_tokens_file is not None and settings.console_proxy is not None:
        raise SettingsError("Set one of CONSOLE_TOKENS_FILE and CONSOLE_PROXY: people come in by one way.")
    if settings.console_tokens_file is not None:
        tokens = TokenFile(settings.console_tokens_file)
        tokens.people()
        return TokenEntrance(tokens, Sessions(now, token_urlsafe), Failures(now))
    if settings.console_proxy is not None:
        return ProxyEntrance(_address(settings.console_proxy))
    if place.is_loopback:
        return LocalEntrance(getpass.getuser())
    msg = (
        f"The console would be open to whoever reaches {place.host!r}: set PAYOPS_CONSOLE_TOKENS_FILE or "
        "PAYOPS_CONSOLE_PROXY, or leave --host at 127.0.0.1."
    )
    raise SettingsError(msg)


def hosts_of(settings: Settings, place: Place) -> tuple[str, ...]:
    """Give the names that the console answers to."""
    given = tuple(name.strip().lower() for name in settings.console_hosts.split(",") if name.strip())
    return (*LOOPBACK_NAMES, _in_url(place.host).lower(), *given)


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError as error:
        raise SettingsError(f"CONSOLE_PROXY is {text!r}; allowed is the IP address of a proxy.") from error


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
