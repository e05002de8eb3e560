"""Where the index of lessons lies: in a folder of this process, or on a Chroma server."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from payments.errors import SettingsError

if TYPE_CHECKING:
    import httpx
    from chromadb.api import ClientAPI

ANSWERS_WITHIN_S = 5.0
"""A server that takes longer counts as broken: an incident waits for it."""

_PORTS = {"http": 8000, "https": 443}


@dataclass(frozen=True)
class Embedded:
    """A folder; one process may write to it at a time, others still read what they knew."""

    path: Path
    collection: str = "lessons"

    @property
    def words(self) -> str:
        """Name the place in an error."""
        return f"in {str(self.path)!r}"

    def connect(self) -> "ClientAPI":
        """Open the folder; made if it is not there."""
        import chromadb
        from chromadb.api.shared_system_client import SharedSystemClient
        from chromadb.config import Settings
        from chromadb.errors import ChromaError

        try:
            return chromadb.PersistentClient(str(self.path), Settings(anonymized_telemetry=False))
        except ChromaError:
            # Chroma keeps what it could not start and would hand it out to the next who opens this path.
            SharedSystemClient.clear_system_cache()
            raise

    def disconnect(self, client: "ClientAPI") -> None:
        """Let go of the files."""
        client.close()  # type: ignore[attr-defined]  # of the client, not of its interface

    def put_aside(self, close: Callable[[], None]) -> Path | None:
        """Move the folder to the first free name beside it."""
        close()
        if not self.path.exists():
            return None
        aside = next(place for place in self._places_aside() if not place.exists())
        self.path.rename(aside)
        return aside

    def _places_aside(self) -> Iterator[Path]:
        number = 0
        while True:
            number += 1
            yield self.path.with_name(f"{self.path.name}.broken-{number}")


@dataclass(frozen=True)
class Served:
    """A server, shared by crews that each have a collection of their own."""

    host: str
    port: int
    tls: bool
    collection: str
    token: str = field(default="", repr=False)

    @classmethod
    def at(cls, url: str, collection: str, token: str = "") -> "Served":
        """Read an address such as http://127.0.0.1:8000.

        Raises:
            SettingsError: it is none.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            parts, host, port = urlsplit(""), None, None
        if parts.scheme not in _PORTS or not host or parts.path.strip("/") or "@" in parts.netloc:
            msg = "CHROMA_URL must be an address such as http://127.0.0.1:8000: a scheme, a host and a port"
            raise SettingsError(msg)
        return cls(host, port or _PORTS[parts.scheme], parts.scheme == "https", collection, token)

    @property
    def words(self) -> str:
        """Name the place in an error."""
        return f"at {self.host}:{self.port}"

    @property
    def _url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    def connect(self) -> "ClientAPI":
        """Open a connection."""
        import chromadb
        import httpx
        from chromadb.config import Settings

        # Chroma's client waits for ever, already while it is made.
        httpx.get(f"{self._url}/api/v2/heartbeat", timeout=ANSWERS_WITHIN_S).raise_for_status()
        client = chromadb.HttpClient(
            self.host,
            self.port,
            ssl=self.tls,
            headers={"Authorization": f"Bearer {self.token}"} if self.token else None,
            settings=Settings(anonymized_telemetry=False),
        )
        _session_of(client).timeout = ANSWERS_WITHIN_S
        return client

    def disconnect(self, client: "ClientAPI") -> None:
        """Let go of the connections, which Chroma's client leaves open: its own and its administrator's."""
        administrator = client._admin_client  # type: ignore[attr-defined]  # noqa: SLF001
        sessions = [_session_of(one) for one in (client, administrator)]
        client.close()  # type: ignore[attr-defined]  # of the client, not of its interface
        for session in sessions:
            session.close()

    def put_aside(self, close: Callable[[], None]) -> Path | None:
        """Delete the collection, and nobody else's; all of it can be made anew."""
        from chromadb.errors import NotFoundError

        client = self.connect()
        try:
            client.delete_collection(self.collection)
        except NotFoundError:
            pass
        finally:
            close()
            self.disconnect(client)
        return None


def _session_of(client: "ClientAPI") -> "httpx.Client":
    """Give what a client speaks HTTP with; Chroma offers no other way to it."""
    session: httpx.Client = client._server._session  # type: ignore[attr-defined]  # noqa: SLF001
    return session
