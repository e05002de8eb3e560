"""`run.py console`: who may come in, what is served, and the watch beside it."""

import getpass
import ipaddress
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from secrets import token_urlsafe
from threading import Thread

import uvicorn

from console.compose import now
from console.settings import Settings, load_settings
from console.web.access.entrance import Entrance, LocalEntrance, ProxyEntrance, Seals, TokenEntrance
from console.web.access.guard import LOOPBACK_NAMES
from console.web.access.rate import Failures
from console.web.access.sessions import Sessions
from console.web.access.tokens import TokenFile
from console.web.app import create_app
from console.web.site import Site, templates
from payments.errors import SettingsError

RUN = Path(__file__).parents[2] / "run.py"
ENDS_WITHIN_S = 10.0
"""How long a watch that is asked to end may take."""


@dataclass(frozen=True)
class Place:
    """Where the console listens."""

    host: str
    port: int

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
    settings = load_settings(config)
    entrance = entrance_of(settings, place)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the watch beside it is ended too
    with watching(watch, config):
        _warm_up()
        sys.stderr.write(f"The console is at http://{_in_url(place.host)}:{place.port}/ (Ctrl-C ends it).\n")
        sys.stderr.flush()
        serve(site_of(settings, entrance), hosts_of(settings, place), place)


def _warm_up() -> None:
    """Import what a decision needs before anybody waits for it: some seconds of libraries."""
    for name in ("graph.approvals", "graph.crew", "memory.index"):
        import_module(name)


def site_of(settings: Settings, entrance: Entrance) -> Site:
    """Join what the pages need."""
    return Site(settings, entrance, Seals.drawn(token_urlsafe), now, templates())


def serve(site: Site, hosts: tuple[str, ...], place: Place) -> None:
    """Serve a site until interrupted."""
    app = create_app(site, hosts)
    # The address of whoever connects is the truth that a trusted proxy is known by: no header changes it.
    uvicorn.run(
        app,
        host=place.host,
        port=place.port,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )


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


@contextmanager
def watching(words: tuple[str, ...], config: Path | None) -> Iterator[None]:
    """Run a watch beside the server as a process of its own, so that no page slows a cycle."""
    if not words:
        yield
        return
    settings = () if config is None else ("--config", str(config))
    command = [sys.executable, str(RUN), "watch", *words, *settings, "--json"]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    Thread(target=_tell_how_it_ends, args=(child,), daemon=True).start()
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            child.kill()


def _tell_how_it_ends(watch: "subprocess.Popen[bytes]") -> None:
    """Say it when a watch ends in an error: it has said itself which one."""
    if watch.wait() > 0:
        sys.stderr.write("The watch beside the console has ended: what is shown stands still.\n")
        sys.stderr.flush()


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError as error:
        raise SettingsError(f"CONSOLE_PROXY is {text!r}; allowed is the IP address of a proxy.") from error


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
