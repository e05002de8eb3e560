"""Leases: one process at a time works on an incident's thread, for LangGraph does not lock threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Row, delete, select, update

from memory.holders import is_gone, short_name
from memory.rows import lasting, plain, reading, writing
from memory.tables import LEASES, insert_new
from payments.errors import RefusedError


class Leases:
    """Lends incidents to owners. An owner that comes back, as after a crash, gets its own lease again.

    A lease outlives its process by its seconds at most, and not at all for those who can see that the
    process is gone.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def lease(self, incident_id: str, owner: str, seconds: float, now: datetime) -> Iterator[None]:
        """Let one owner at a time work on an incident; an expired lease may be taken over.

        Raises:
            RefusedError: somebody else holds it; the message says who and until when.
        """
        until = now + timedelta(seconds=seconds)
        if not self._take(incident_id, owner, until, now) and not self._inherit(incident_id, owner, until):
            msg = f"incident {incident_id[:8]} is {self._held(incident_id)}; try again in a moment"
            raise RefusedError(msg)
        try:
            yield
        finally:
            self._release(incident_id, owner)

    @lasting
    def _take(self, incident_id: str, owner: str, until: datetime, now: datetime) -> bool:
        key, holder, until_s = plain(incident_id), plain(owner), until.timestamp()
        first = {"incident_id": key, "owner": holder, "until_s": until_s}
        free = (LEASES.c.owner == holder) | (LEASES.c.until_s <= now.timestamp())
        change = update(LEASES).where(LEASES.c.incident_id == key, free)
        with writing(self._engine) as connection:
            taken = connection.execute(insert_new(self._engine, LEASES), first).rowcount
            if not taken:
                taken = connection.execute(change.values(owner=holder, until_s=until_s)).rowcount
        return bool(taken)

    @lasting
    def _inherit(self, incident_id: str, owner: str, until: datetime) -> bool:
        """Take the lease of a process that is gone; of several that see it, one gets it."""
        row = self._lease_row(incident_id)
        if row is None or not is_gone(row.owner):
            return False
        same = (LEASES.c.incident_id == plain(incident_id)) & (LEASES.c.owner == row.owner)
        change = update(LEASES).where(same).values(owner=plain(owner), until_s=until.timestamp())
        with writing(self._engine) as connection:
            return bool(connection.execute(change).rowcount)

    def _held(self, incident_id: str) -> str:
        row = self._lease_row(incident_id)
        if row is None:
            return "just being released by another process"
        until = datetime.fromtimestamp(row.until_s, UTC)
        who = short_name(row.owner)
        return f"at work in process {who!r} until {until:%Y-%m-%d %H:%M:%S %Z} at the latest"

    @lasting
    def _lease_row(self, incident_id: str) -> Row[*tuple[Any, ...]] | None:
        query = select(LEASES.c.owner, LEASES.c.until_s).where(LEASES.c.incident_id == plain(incident_id))
        with reading(self._engine) as connection:
            return connection.execute(query).one_or_none()

    @lasting
    def _release(self, incident_id: str, owner: str) -> None:
        mine = (LEASES.c.incident_id == plain(incident_id)) & (LEASES.c.owner == plain(owner))
        with writing(self._engine) as connection:
            connection.execute(delete(LEASES).where(mine))
