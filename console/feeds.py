"""Which live source stands behind an address: the one place that knows them all."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from console.outside import new_id, now
from console.settings import SOURCE_PASSWORD, Settings
from console.storage import open_engine as open_database
from console.worlds import Feed
from payments.errors import InputError
from tools.sources.address import EMBEDDED, PUSH, Address, parse_address

if TYPE_CHECKING:
    from tools.sources.clickhouse.engine import Engine
    from tools.sources.clickhouse.reader import ClickHouseReader
    from tools.sources.mapping import ColumnMap
    from tools.sources.sql.table import Given
    from tools.sources.stream.pace import Pace
    from tools.sources.stream.reader import Reader
    from tools.sources.stream.source import StreamSource


@dataclass(frozen=True)
class Asked:
    """What the command line says of a source."""

    source: str
    mapping: str | None = None
    table: str | None = None
    """Name of a table or metric, or a file with a query."""
    calendar: Path | None = None


@contextmanager
def open_feed(asked: Asked, settings: Settings) -> Iterator[Feed]:
    """Open the source behind an address, and close it.

    Raises:
        PayOpsError: why it cannot be read, and what to do.
    """
    from tools.sources.calendar import FileCalendar
    from tools.sources.catalog import SeenCatalog

    calendar = FileCalendar(asked.calendar)
    address = parse_address(asked.source)
    with ExitStack() as stack:
        stream = _open(asked, address, settings, stack)
        stack.callback(stream.close)
        yield Feed(stream, SeenCatalog(lambda: stream.cells, lambda: stream.recent), calendar, stream)


def _open(asked: Asked, address: Address, settings: Settings, stack: ExitStack) -> "StreamSource":
    if address.scheme == EMBEDDED:
        return _replay(asked, address, settings)
    return _follow(asked, address, settings, stack)


def _replay(asked: Asked, address: Address, settings: Settings) -> "StreamSource":
    """Replay what the embedded engine holds: nobody can add to it while this process has it."""
    from tools.sources.stream.source import StreamSource

    reader = _over_clickhouse(asked, address, settings)
    try:
        stretch = reader.span()
    except BaseException:
        reader.close()
        raise
    reader.feed = f"file:{reader.feed}:{new_id()}"
    return StreamSource(reader, _pace(settings), now, stretch=stretch)


def _follow(asked: Asked, address: Address, settings: Settings, stack: ExitStack) -> "StreamSource":
    """Follow a source that goes on, from where the last watch stopped, on whatever machine that was."""
    from tools.sources.stream.position import SqlPositions
    from tools.sources.stream.source import StreamSource

    positions = SqlPositions(stack.enter_context(open_database(settings)))
    return StreamSource(_reader(asked, address, settings), _pace(settings), now, positions)


def _reader(asked: Asked, address: Address, settings: Settings) -> "Reader":
    if address.scheme.startswith("clickhouse"):
        return _over_clickhouse(asked, address, settings)
    if address.scheme.startswith("postgres"):
        from tools.sources.postgres.reader import PostgresReader

        return PostgresReader(address, _password(), _table(asked), _mapping(asked))
    if address.scheme.startswith("prometheus"):
        from tools.sources.prometheus.reader import open_prometheus

        return open_prometheus(address, _password(), asked.table, asked.mapping, settings.tick_sec)
    if address.scheme == PUSH:
        from tools.sources.push.opening import open_push

        return open_push(
            address, _mapping(asked), settings.state_dir, settings.tick_sec, environment=os.environ, clock=now
        )
    raise InputError(f"Nothing reads {address.scheme}.")


def _over_clickhouse(asked: Asked, address: Address, settings: Settings) -> "ClickHouseReader":
    from tools.sources.clickhouse.reader import ClickHouseReader, make_tables

    engine = open_engine(address, settings)
    try:
        if address.scheme == EMBEDDED:
            make_tables(engine)
        return ClickHouseReader(engine, _table(asked), _of_clickhouse(asked), settings.tick_sec)
    except BaseException:
        engine.close()
        raise


def open_engine(address: Address, settings: Settings) -> "Engine":
    """Open ClickHouse, embedded or a server.

    Raises:
        PayOpsError: why it cannot be used, and what to do.
    """
    if address.scheme == EMBEDDED:
        from tools.sources.clickhouse.embedded import Embedded

        return Embedded(Path(address.path) if address.path else settings.state_dir / "clickhouse")
    from tools.sources.clickhouse.server import Server

    return Server(address, _password())


def _pace(settings: Settings) -> "Pace":
    from tools.sources.stream.pace import Pace

    return Pace(
        settings.tick_sec,
        settings.source_delay_sec,
        settings.source_history_sec,
        settings.source_catch_up_sec,
    )


def _table(asked: Asked) -> "Given | None":
    from tools.sources.sql.table import Given

    return Given.of(asked.table) if asked.table else None


def _mapping(asked: Asked) -> "ColumnMap | None":
    from tools.sources.mapping import load_mapping

    return load_mapping(asked.mapping) if asked.mapping else None


def _of_clickhouse(asked: Asked) -> "ColumnMap | None":
    """Give the mapping; of our own cells only the dimensions are chosen."""
    from tools.sources.clickhouse.reader import cells
    from tools.sources.mapping import ColumnMap, given_mapping

    given = given_mapping(asked.mapping) if asked.mapping else {}
    if asked.table is None and given:
        return cells(ColumnMap.of({"time": "tick", "success": "successes", **given}).dims)
    return _mapping(asked)


def _password() -> str:
    return os.environ.get(SOURCE_PASSWORD, "")
