"""Where LangGraph keeps the state of a run when the crew's database is a PostgreSQL server."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

T = TypeVar("T")


@dataclass(frozen=True)
class Server:
    """How the server is reached; whoever opens it has its connections, its errors and its patience."""

    transaction: Callable[[], AbstractContextManager[Any]]
    """Gives a cursor of the driver, with rows by name, within a transaction that ends with it."""
    alone: Callable[[], AbstractContextManager[Any]]
    """Gives the driver's connection outside of any transaction, to one process at a time."""
    lasting: Callable[[Callable[[], T]], Callable[[], T]]
    """Does it once more when the connection broke in the middle."""


class ServerCheckpoints(PostgresSaver):
    """LangGraph's own saver over transactions of ours: all of a checkpoint is kept, or nothing."""

    def __init__(self, server: Server) -> None:
        strict = JsonPlusSerializer(allowed_msgpack_modules=None)  # checkpoints hold plain JSON, nothing else
        super().__init__(None, serde=strict)  # type: ignore[arg-type] # a connection is asked for each time
        self._server = server

    def setup(self) -> None:
        """Make the tables, or bring them to this version's shape; who may not may use what is there."""
        with self._server.alone() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('checkpoint_migrations') IS NOT NULL")
            version = -1
            if cursor.fetchone()[0]:
                cursor.execute("SELECT coalesce(max(v), -1) FROM checkpoint_migrations")
                version = cursor.fetchone()[0]
            if version < len(self.MIGRATIONS) - 1:
                PostgresSaver(connection).setup()

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Give a checkpoint."""
        read = super().get_tuple
        return self._server.lasting(lambda: read(config))()

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Keep a checkpoint; the same once more changes nothing."""
        write, kept = super().put, _storable(checkpoint)
        return self._server.lasting(lambda: write(config, kept, metadata, new_versions))()

    def put_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Keep what a node has written; the same once more changes nothing."""
        write = super().put_writes
        self._server.lasting(lambda: write(config, writes, task_id, task_path))()

    @contextmanager
    def _cursor(self, *, pipeline: bool = False) -> Iterator[Any]:
        with self._server.transaction() as cursor:
            yield cursor


def _storable(checkpoint: Checkpoint) -> Checkpoint:
    """Write as escapes what the server's JSON cannot hold in the texts that it keeps as such."""
    values = {
        name: _plain(value) if isinstance(value, str) else value
        for name, value in checkpoint["channel_values"].items()
    }
    return {**checkpoint, "channel_values": values}


def _plain(text: str) -> str:
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")


@contextmanager
def open_server_checkpoints(server: Server) -> Iterator[ServerCheckpoints]:
    """Open the checkpoints on a server, made if they are not there."""
    saver = ServerCheckpoints(server)
    saver.setup()
    yield saver
