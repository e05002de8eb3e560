"""Where LangGraph keeps the state of a run: one SQLite file under the state folder."""

import os

os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")  # checkpoints hold plain JSON and nothing else

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from langgraph.checkpoint.sqlite import SqliteSaver

from payments.errors import StorageError


@contextmanager
def open_checkpoints(path: Path) -> Iterator[SqliteSaver]:
    """Open the checkpoint file, made if it is not there; several processes may have it open.

    Raises:
        StorageError: the file is damaged, locked or full, now or at any time while it is open.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(path, check_same_thread=False, timeout=30.0)) as connection:
            saver = SqliteSaver(connection)
            saver.setup()
            yield saver
    except sqlite3.Error as error:
        msg = (
            f"the checkpoints in {str(path)!r} cannot be used: {error}; if the file is damaged, "
            "restore it or move it away: incidents and decisions are kept elsewhere"
        )
        raise StorageError(msg) from error
