"""Leases: one process at a time works on an incident's thread, for LangGraph does not lock threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, select, update

from memory.rows import plain, reading, writing
from memory.tables import LEASES, insert_new
from payments.errors import RefusedError


class Leases:
    """Lends incidents to owners. An owner that comes back, as after a crash, gets its own lease again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def lease(self, incident_id: str, owner: str, seconds: float, now: datetime) -> Iterator[None]:
        """Let one owner at a time work on an incident; an expired lease may be taken over.

        Raises:
            RefusedError: somebody else holds it; the message says who and until when.
        """
        if not self._take(incident_id, owner, now + timedelta(seconds=seconds), now):
            msg = f"incident {incident_id[:8]} is {self._held(incident_id)}; try again in a moment"
            raise RefusedError(msg)
        try:
            yield
        finally:
            self._release(incident_id, owner)

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

    def _held(self, incident_id: str) -> str:
        query = select(LEASES.c.owner, LEASES.c.until_s).where(LEASES.c.incident_id == plain(incident_id))
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return "just being released by another process"
        until = datetime.fromtimestamp(row.until_s, UTC)
        return f"at work in process {row.owner!r} until {until:%Y-%m-%d %H:%M:%S %Z} at the latest"

    def _release(self, incident_id: str, owner: str) -> None:
        mine = (LEASES.c.incident_id == plain(incident_id)) & (LEASES.c.owner == plain(owner))
        with writing(self._engine) as connection:
            connection.execute(delete(LEASES).where(mine))
