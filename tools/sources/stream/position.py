"""Where a watch has come to, kept so that the next one goes on from there."""

from typing import Protocol

from sqlalchemy import BigInteger, Column, Engine, MetaData, String, Table, delete, insert, select

from payments.errors import StorageError
from tools.database import lasting
from tools.tables import make_missing, reading, writing

_METADATA = MetaData()
_POSITIONS = Table(
    "source_positions",
    _METADATA,
    Column("feed", String(500), primary_key=True),
    Column("until_us", BigInteger, nullable=False),
)


class Positions(Protocol):
    """Keeps how far each feed was read, in microseconds since 1970."""

    def get(self, feed: str) -> int | None:
        """Give the end of what was read of a feed; None when nothing was."""

    def keep(self, feed: str, until_us: int) -> None:
        """Keep the end of what was read of a feed."""


class SqlPositions:
    """Implements `Positions` in the state database; the table is made if it is not there.

    Raises:
        StorageError: the database cannot be read or written now.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        make_missing(engine, _METADATA, _unusable)

    @lasting
    def get(self, feed: str) -> int | None:
        """Give the end of what was read of a feed; None when nothing was."""
        with reading(self._engine, _unusable) as connection:
            found = connection.scalar(select(_POSITIONS.c.until_us).where(_POSITIONS.c.feed == feed))
        return None if found is None else int(found)

    @lasting
    def keep(self, feed: str, until_us: int) -> None:
        """Keep the end of what was read of a feed, in place of what was kept."""
        with writing(self._engine, _unusable) as connection:
            connection.execute(delete(_POSITIONS).where(_POSITIONS.c.feed == feed))
            connection.execute(insert(_POSITIONS).values(feed=feed, until_us=until_us))


def _unusable(reason: str) -> StorageError:
    return StorageError(f"How far the source was read cannot be kept: {reason}.")
