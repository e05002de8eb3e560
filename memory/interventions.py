"""Interventions: the actions in force, so that each is watched and ends, whatever process began it."""

from datetime import datetime

from sqlalchemy import ColumnElement, Engine, bindparam, select, update

from memory.repeated import Parsed, Repeated
from memory.rows import from_body, lasting, plain, reading, to_body, writing
from memory.tables import INTERVENTIONS, insert_new
from payments.errors import NotFoundError
from payments.intervention import Intervention


class Interventions:
    """Keeps what is in force and what has ended."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._repeated = Repeated(engine)
        self._interventions = Parsed(_read)

    @lasting
    def start_intervention(self, intervention: Intervention) -> None:
        """Keep an action that is in force; the same key again changes nothing."""
        with writing(self._engine) as connection:
            connection.execute(insert_new(self._engine, INTERVENTIONS), _row(intervention))

    @lasting
    def keep_intervention(self, intervention: Intervention) -> None:
        """Keep what was seen of an action that is in force; one that has ended stays as it is."""
        values = {"named": plain(intervention.key), "seen": to_body(intervention)}
        with writing(self._engine) as connection:
            connection.execute(_SEEN, values)

    @lasting
    def active_interventions(self, feed: str | None = None) -> tuple[Intervention, ...]:
        """Give the actions in force.

        Raises:
            InputError: one cannot be read; none is skipped, for it changes traffic right now.
        """
        wanted = None if feed is None else plain(feed)
        rows = self._repeated.rows(_IN_FORCE)
        return tuple(self._interventions.of(row.key, row.body) for row in rows if wanted in {None, row.feed})

    def interventions(self, incident_id: str) -> tuple[Intervention, ...]:
        """Give all that was ever in force for an incident, the earliest first."""
        return self._read_all(INTERVENTIONS.c.incident_id == plain(incident_id))

    def interventions_of(self, feed: str) -> tuple[Intervention, ...]:
        """Give all that was ever in force on a feed, the earliest first."""
        return self._read_all(INTERVENTIONS.c.feed == plain(feed))

    @lasting
    def end_intervention(self, key: str, at: datetime, because: str) -> None:
        """Keep that an action is over; the first end of a key stands.

        Raises:
            NotFoundError: no action was started under the key.
        """
        query = select(INTERVENTIONS.c.body).where(INTERVENTIONS.c.key == plain(key))
        with reading(self._engine) as connection:
            body = connection.execute(query).scalar_one_or_none()
        if body is None:
            msg = f"there is no intervention {key!r}"
            raise NotFoundError(msg)
        found = _read(key, body)
        if found.ended_at is None:
            ended = found.model_copy(update={"ended_at": at, "ended_because": because})
            with writing(self._engine) as connection:
                connection.execute(_ENDED, {"named": plain(key), "seen": to_body(ended)})

    @lasting
    def _read_all(self, condition: ColumnElement[bool]) -> tuple[Intervention, ...]:
        query = select(INTERVENTIONS.c.key, INTERVENTIONS.c.body).where(condition)
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        found = (_read(row.key, row.body) for row in rows)
        return tuple(sorted(found, key=lambda one: (one.started_at, one.key)))


_IN_FORCE = select(INTERVENTIONS.c.key, INTERVENTIONS.c.feed, INTERVENTIONS.c.body).where(
    INTERVENTIONS.c.active == 1
)
"""A question of every cycle, made once."""

_SEEN = (
    update(INTERVENTIONS)
    .where(INTERVENTIONS.c.key == bindparam("named"), INTERVENTIONS.c.active == 1)
    .values(body=bindparam("seen"))
)
_ENDED = _SEEN.values(active=0)


def _row(intervention: Intervention) -> dict[str, object]:
    return {
        "key": plain(intervention.key),
        "incident_id": plain(intervention.incident_id),
        "feed": plain(intervention.feed),
        "active": int(intervention.ended_at is None),
        "body": to_body(intervention),
    }


def _read(key: str, body: str) -> Intervention:
    return from_body(Intervention, body, f"the intervention {key!r}")
