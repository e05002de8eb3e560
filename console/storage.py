"""Where the crew's records are: in files of the state folder, or on a PostgreSQL server that many share."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.authority import audit_key, audit_log_of
from console.settings import Settings
from guardrails.audit import AuditLog, records_in
from guardrails.shared_audit import SharedAuditLog
from guardrails.verifying import AuditReport, verify
from payments.audit import AuditRecord
from payments.errors import RefusedError, SettingsError
from payments.window import Window
from tools.ports import Source

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from memory.tenants import Tenancy, Tenants


@contextmanager
def open_engine(settings: Settings) -> Iterator["Engine"]:
    """Open the database.

    Raises:
        SettingsError: it cannot be used; the message says what to fix.
    """
    from tools.database import open_database

    settings.state_dir.mkdir(parents=True, exist_ok=True)
    engine = open_database(_where(settings))
    try:
        yield engine
    finally:
        engine.dispose()


def _where(settings: Settings) -> str | Path:
    if settings.database_url is None:
        return settings.state_dir / "payops.db"
    from tools.postgresql import is_postgresql

    url = settings.database_url.get_secret_value()
    if not is_postgresql(url):
        msg = "DATABASE_URL names no PostgreSQL server; allowed is postgresql://USER:PASSWORD@HOST:PORT/DATABASE."
        raise SettingsError(msg)
    return url


def open_saver(settings: Settings, engine: "Engine") -> AbstractContextManager[Any]:
    """Open the checkpoints, in the form that `graph.crew` takes.

    Raises:
        SettingsError: a package is missing for them.
    """
    if settings.database_url is None:
        from graph.checkpoints import open_checkpoints

        return open_checkpoints(settings.state_dir / "checkpoints.db")
    from tools.database import lasting
    from tools.server_transactions import alone, transaction

    try:
        from graph.server_checkpoints import Server, open_server_checkpoints
    except ImportError as error:
        msg = (
            "DATABASE_URL needs the package langgraph-checkpoint-postgres: install the extra `postgres` "
            "(pip install 'payops-crew[postgres]')."
        )
        raise SettingsError(msg) from error
    return open_server_checkpoints(Server(lambda: transaction(engine), lambda: alone(engine), lasting))


def audit_log_in(settings: Settings, engine: "Engine") -> AuditLog | SharedAuditLog:
    """Give the record of every decision."""
    if settings.database_url is None:
        return audit_log_of(settings)
    from memory.audit_lines import AuditLines

    return SharedAuditLog(AuditLines(engine), audit_key())


def append_to_audit(settings: Settings, record: AuditRecord) -> None:
    """Put one event on record.

    Raises:
        StorageError: it cannot be written.
    """
    with _open_audit_log(settings) as log:
        log.append(record)


def audit_records(settings: Settings) -> Iterator[AuditRecord]:
    """Read what is on record, oldest first.

    Raises:
        StorageError: it cannot be read.
    """
    with _open_audit_log(settings) as log:
        yield from log.records() if isinstance(log, SharedAuditLog) else records_in(log.path)


def audit_report(settings: Settings) -> AuditReport:
    """Say whether every record is as it was written.

    Raises:
        StorageError: the log cannot be read.
    """
    with _open_audit_log(settings) as log:
        return log.verify() if isinstance(log, SharedAuditLog) else verify(log.path, audit_key())


@contextmanager
def _open_audit_log(settings: Settings) -> Iterator[AuditLog | SharedAuditLog]:
    if settings.database_url is None:
        yield audit_log_of(settings)
        return
    with open_engine(settings) as engine:
        yield audit_log_in(settings, engine)


@contextmanager
def watching_alone(
    feed: str, settings: Settings, tell: Callable[[str], object], worker: str = ""
) -> Iterator["Tenancy | None"]:
    """Wait until no other worker watches a feed, and hold it; None where the database is no shared one."""
    if settings.database_url is None:
        yield None
        return
    from memory.tenants import holding, wait_for

    with _tenants(settings, worker) as tenants:
        number = wait_for(feed, tenants, tell)
        with holding(feed, tenants, number) as tenancy:
            yield tenancy


@dataclass(frozen=True)
class OwnSource:
    """A source that is read only as long as its feed is this worker's."""

    source: Source
    tenancy: "Tenancy"

    @property
    def feed(self) -> str:
        """Identity of the stream."""
        return self.source.feed

    @property
    def tick_s(self) -> float:
        """Length of an increment in seconds."""
        return self.source.tick_s

    def history(self) -> Iterable[Window]:
        """Give past increments."""
        return self.source.history()

    def read(self) -> Window | None:
        """Give the next increment.

        Raises:
            StorageError: another worker watches the feed by now.
        """
        self.tenancy.check()
        return self.source.read()


@contextmanager
def helping_out(feed: str, settings: Settings) -> Iterator["Tenancy | None"]:
    """Hold a feed that nobody watches, to finish what was left there.

    Raises:
        RefusedError: a worker watches it.
    """
    if settings.database_url is None:
        yield None
        return
    from memory.tenants import holding

    with _tenants(settings, "") as tenants:
        number = tenants.take(feed)
        if number is None:
            raise RefusedError(f"a worker watches {feed!r} and will look after it")
        with holding(feed, tenants, number) as tenancy:
            yield tenancy


@contextmanager
def _tenants(settings: Settings, worker: str) -> Iterator["Tenants"]:
    """Open the tenants by an engine of their own, which no loss of a feed closes."""
    from memory.holders import this_process
    from memory.tenants import Tenants

    with open_engine(settings) as engine:
        yield Tenants(engine, f"{worker}@{this_process()}" if worker else this_process())
