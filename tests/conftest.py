"""What holds for every test: no network, no settings of the shell, repeatable examples, its own folder."""

import ipaddress
import os
import socket
from pathlib import Path
from typing import Any, Never

import pytest
from hypothesis import settings

from tests.integration.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]  # fixtures of every test

settings.register_profile("payops", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("payops")

SETTINGS_OF_THE_SHELL = ("PAYOPS_", "CHROMA_", "LANGCHAIN_", "LANGGRAPH_", "LANGSMITH_", "OPENAI_")


class NetworkForbiddenError(RuntimeError):
    """A test reached for the network. Not an OSError, so that no adapter takes it for a failing peer."""


def is_on_this_machine(host: object) -> bool:
    """Whether a host, as sockets and resolvers take it, is a loopback address or means all local ones."""
    if isinstance(host, bytes):
        host = host.decode()
    if host in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _refuse(host: object) -> Never:
    message = f"A test tried to reach {host!r}; only AF_UNIX and loopback addresses are allowed."
    raise NetworkForbiddenError(message)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Python sockets and name look-ups reach this machine only."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    sendto, getaddrinfo = socket.socket.sendto, socket.getaddrinfo

    def check(sock: socket.socket, address: Any) -> None:  # noqa: ANN401 - its shape depends on the family
        if sock.family != socket.AF_UNIX and not is_on_this_machine(address[0]):
            _refuse(address[0])

    def guarded_connect(sock: socket.socket, address: Any) -> None:  # noqa: ANN401 - as above
        check(sock, address)
        connect(sock, address)

    def guarded_connect_ex(sock: socket.socket, address: Any) -> int:  # noqa: ANN401 - as above
        check(sock, address)
        return connect_ex(sock, address)

    def guarded_sendto(sock: socket.socket, data: bytes, *flags_and_address: Any) -> int:  # noqa: ANN401 - as above
        check(sock, flags_and_address[-1])
        return sendto(sock, data, *flags_and_address)

    def guarded_getaddrinfo(host: bytes | str | None, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - passed on
        if not is_on_this_machine(host):
            _refuse(host)
        return getaddrinfo(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket.socket, "sendto", guarded_sendto)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)


@pytest.fixture(autouse=True)
def no_settings_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the developer's environment says to us and to our vendors."""
    for name in [name for name in os.environ if name.startswith(SETTINGS_OF_THE_SHELL)]:
        monkeypatch.delenv(name)


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    """Name a state folder that is this test's own; it does not exist yet."""
    return tmp_path / "state"
