"""Tenants: one worker at a time watches a feed, and whoever lost it can write nothing any more.

A worker holds a feed under a number that goes up with each new holder. Every transaction in which it writes
ends with the question whether its number still stands; a new holder waits for those that are under way.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from sqlalchemy import Connection, Engine, Float, Update, delete, event, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite

from memory.holders import is_gone, short_name
from memory.rows import lasting, plain, reading, writing
from memory.tables import INCIDENTS, LEASES, SHARED, TENANTS, make_tables
from payments.errors import StorageError

LEASE_S = 9.0
"""How long a feed stays with a worker that is not heard of."""
RENEW_S = 3.0
LOOK_S = 1.0
"""Pause between two looks of a worker that stands by. With LEASE_S it is what a take-over takes at most."""

_NOW = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    "postgresql": "extract(epoch from clock_timestamp())::float8",
}
"""The database's clock as a Unix time: machines' clocks differ."""


class Tenants:
    """Lends feeds to workers."""

    def __init__(self, engine: Engine, worker: str, lease_s: float = LEASE_S) -> None:
        self._engine, self._worker, self._lease_s = engine, plain(worker), lease_s
        self._now = literal_column(_NOW[engine.dialect.name], Float)
        make_tables(engine)  # a worker may be the first on an empty database
        make_tables(engine, SHARED)

    @lasting
    def take(self, feed: str) -> int | None:
        """Take a feed that nobody holds; gives the number that it is held under, None when somebody does."""
        before = self.holder(feed)
        number = self._take_free(feed) or (
            self._inherit(feed, before) if before and is_gone(before) else None
        )
        if number is not None and before is not None:
            self._free_incidents(feed, before)
        return number

    @lasting
    def renew(self, feed: str, number: int) -> bool:
        """Hold a feed for longer; False when another worker holds it by now."""
        with writing(self._engine) as connection:
            done = connection.execute(self._mine(feed, number).values(until_s=self._now + self._lease_s))
            return bool(done.rowcount)

    @lasting
    def release(self, feed: str, number: int) -> None:
        """Let a feed go; its number stays, for it only goes up."""
        with writing(self._engine) as connection:
            connection.execute(self._mine(feed, number).values(until_s=0.0))

    @lasting
    def holder(self, feed: str) -> str | None:
        """Give the worker that holds a feed, or held it last."""
        query = select(TENANTS.c.owner).where(TENANTS.c.feed == plain(feed))
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one_or_none()

    def _take_free(self, feed: str) -> int | None:
        kind = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        until_s = self._now + self._lease_s
        first = {"feed": plain(feed), "owner": self._worker, "number": 1, "until_s": until_s}
        change = {"owner": self._worker, "number": TENANTS.c.number + 1, "until_s": until_s}
        take = kind(TENANTS).values(first)
        take = take.on_conflict_do_update(
            index_elements=[TENANTS.c.feed], set_=change, where=TENANTS.c.until_s <= self._now
        )
        with writing(self._engine) as connection:
            return connection.execute(take.returning(TENANTS.c.number)).scalar_one_or_none()

    def _inherit(self, feed: str, gone: str) -> int | None:
        """Take the feed of a process that is gone; of several that see it, one gets it."""
        mine = {"owner": self._worker, "number": TENANTS.c.number + 1, "until_s": self._now + self._lease_s}
        theirs = (TENANTS.c.feed == plain(feed)) & (TENANTS.c.owner == gone)
        take = update(TENANTS).where(theirs).values(mine).returning(TENANTS.c.number)
        with writing(self._engine) as connection:
            return connection.execute(take).scalar_one_or_none()

    def _free_incidents(self, feed: str, before: str) -> None:
        """End the leases of whoever held the feed before: it can write nothing any more."""
        of_feed = select(INCIDENTS.c.id).where(INCIDENTS.c.feed == plain(feed))
        theirs = (LEASES.c.owner == before) & LEASES.c.incident_id.in_(of_feed)
        with writing(self._engine) as connection:
            connection.execute(delete(LEASES).where(theirs))

    def _mine(self, feed: str, number: int) -> Update:
        mine = (TENANTS.c.feed == plain(feed)) & (TENANTS.c.number == number)
        return update(TENANTS).where(mine)


class Tenancy:
    """A feed in the hands of this worker, until it is taken away."""

    def __init__(self, feed: str, number: int) -> None:
        self.feed, self.number = feed, number
        self.lost = False

    def fence(self, engine: Engine) -> None:
        """Let every transaction of an engine fail once another worker holds the feed."""
        event.listen(engine, "commit", self._check)

    def check(self) -> None:
        """Refuse to go on once it is known that another worker holds the feed.

        Raises:
            StorageError: it does.
        """
        if self.lost:
            msg = f"another worker watches {self.feed!r} by now; this one was not heard of for too long"
            raise StorageError(msg)

    def _check(self, connection: Connection) -> None:
        query = select(TENANTS.c.feed).where(
            TENANTS.c.feed == plain(self.feed), TENANTS.c.number == self.number
        )
        # A shared lock: whoever takes the feed waits for this transaction, and this one for whoever takes it.
        if connection.execute(query.with_for_update(read=True)).first() is None:
            self.lost = True
            self.check()


@contextmanager
def holding(
    feed: str,
    tenants: Tenants,
    number: int,
    renew_s: float = RENEW_S,
) -> Iterator[Tenancy]:
    """Hold a feed that was taken, renewed by a thread of its own."""
    tenancy, over = Tenancy(feed, number), Event()

    def renew() -> None:
        while not over.wait(renew_s) and not tenancy.lost:
            try:
                tenancy.lost = not tenants.renew(feed, number)
            except StorageError:
                continue  # whether the feed is lost shows when the database is there again

    beat = Thread(target=renew, daemon=True, name="tenancy")
    beat.start()
    try:
        yield tenancy
    finally:
        over.set()
        beat.join(timeout=RENEW_S)
        with suppress(StorageError):  # it is free after a while in any case
            tenants.release(feed, number)


def wait_for(
    feed: str, tenants: Tenants, tell: Callable[[str], object], pause: Callable[[float], None] = time.sleep
) -> int:
    """Stand by until a feed is free, and take it; people are told once for whom."""
    told = False
    while (number := tenants.take(feed)) is None:
        if not told:
            holder = tenants.holder(feed)
            tell(f"{feed} is watched by worker {short_name(holder or '')!r}; this one stands by.")
            told = True
        pause(LOOK_S)
    return number
