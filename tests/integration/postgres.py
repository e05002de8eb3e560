"""A real PostgreSQL server for tests: the system's own, with its own folder, port and password."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from tests.integration.required import missing

USER, PASSWORD = "payops", "p%ss:w/rd #1"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "max_connections": "200",
}
_schemas = count(1)


@dataclass(frozen=True)
class PostgresServer:
    """A server that is running."""

    binaries: Path
    data: Path
    port: int

    def url(self, **changes: str) -> str:
        """Give its address, with other parts where they are given."""
        parts = {"user": USER, "password": PASSWORD, "database": "postgres", "query": "", **changes}
        who = f"{parts['user']}:{quote(parts['password'], safe='')}"
        return f"postgresql://{who}@127.0.0.1:{self.port}/{parts['database']}{parts['query']}"

    def execute(self, *statements: str) -> None:
        """Do something as the owner of the server."""
        with closing(psycopg.connect(self.url(), autocommit=True)) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def stop(self) -> None:
        """End it at once, as a crash of its machine does."""
        self._control("stop", "--mode", "immediate")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        given = " ".join(f"-c {name}='{value}'" for name, value in _SETTINGS.items())
        log = str(self.data.parent / "log")
        self._control("start", "--wait", "--log", log, "--options", f"-p {self.port} {given}")

    def _control(self, *words: str) -> None:
        run_as_nobody([str(self.binaries / "pg_ctl"), "--pgdata", str(self.data), "--silent", *words])


def binaries() -> Path:
    """Find the server's programs; Debian keeps them off the PATH."""
    found = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found is None and not debian:
        missing("PostgreSQL is not installed (apt-get install postgresql)")
    return Path(found or debian[-1]).parent


def run_as_nobody(command: list[str]) -> None:
    """Run a program of the server, which refuses to run as root."""
    user = "nobody" if os.geteuid() == 0 else None
    subprocess.run(command, check=True, user=user, cwd="/", stdout=subprocess.DEVNULL, timeout=60)


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Make a server of one's own and start it."""
    folder = Path(tempfile.mkdtemp(prefix="payops-postgres"))
    server = PostgresServer(binaries(), folder / "data", free_port())
    secret = folder / "secret"
    secret.write_text(PASSWORD + "\n", encoding="utf-8")
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in (folder, secret):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
    try:
        initdb = [str(server.binaries / "initdb"), "--pgdata", str(server.data), "--username", USER]
        run_as_nobody([*initdb, "--auth", "scram-sha-256", "--pwfile", str(secret), "--no-sync"])
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with running_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Name a database that is empty: a schema of its own."""
    schema = f"test_{os.getpid()}_{next(_schemas)}"
    postgres_server.execute(f"CREATE SCHEMA {schema}")
    yield postgres_server.url(query=f"?options=-csearch_path%3D{schema}")
    postgres_server.execute(f"DROP SCHEMA {schema} CASCADE")
