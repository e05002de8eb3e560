"""The incident store: incidents, decisions, leases and interventions, on disk before anything follows."""

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from pydantic import ValidationError
from sqlalchemy import Engine, delete, select, update

from memory.tables import (
    DECISIONS,
    EVIDENCE,
    INCIDENTS,
    INTERVENTIONS,
    LEASES,
    METADATA,
    insert_new,
    replace,
)
from payments.errors import InputError, NotFoundError, RefusedError
from payments.incident import SCHEMA_VERSION, Decision, Evidence, Incident, Intervention, Status

PREFIX_AT_LEAST = 4
"""Characters of an id that must be given to name an incident."""


class IncidentStore:
    """Keeps incidents in a database; several processes may use it at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        METADATA.create_all(engine)

    def open(self, incident: Incident, evidence: Evidence | None) -> None:
        """Keep a new incident with its evidence; one that is there already stays as it is."""
        with self._engine.begin() as connection:
            connection.execute(insert_new(self._engine, INCIDENTS), _row(incident))
            if evidence is not None:
                body = zlib.compress(evidence.model_dump_json().encode(), level=1)
                connection.execute(
                    insert_new(self._engine, EVIDENCE), {"incident_id": incident.id, "body": body}
                )

    def save(self, incident: Incident) -> None:
        """Keep the incident as it is now."""
        with self._engine.begin() as connection:
            connection.execute(replace(self._engine, INCIDENTS, _row(incident)))

    def get(self, incident_id: str) -> Incident:
        """Give an incident by its id or by a prefix that only it has.

        Raises:
            NotFoundError: no incident begins so.
            InputError: several do, or the prefix is too short to be meant.
        """
        query = select(INCIDENTS.c.id, INCIDENTS.c.body).where(
            INCIDENTS.c.id.startswith(incident_id, autoescape=True)
        )
        if len(incident_id) < PREFIX_AT_LEAST:
            msg = f"incident id {incident_id!r} is too short: give at least {PREFIX_AT_LEAST} characters"
            raise InputError(msg)
        with self._engine.connect() as connection:
            found = connection.execute(query.limit(5)).all()
        if not found:
            msg = f"there is no incident {incident_id!r}; run.py inbox lists those that wait"
            raise NotFoundError(msg)
        if len(found) > 1:
            msg = f"incident id {incident_id!r} is ambiguous: {', '.join(row.id for row in found)}"
            raise InputError(msg)
        return _incident(found[0].id, found[0].body)

    def evidence(self, incident_id: str) -> Evidence | None:
        """Give the evidence that opened the incident, if any was kept."""
        query = select(EVIDENCE.c.body).where(EVIDENCE.c.incident_id == incident_id)
        with self._engine.connect() as connection:
            body = connection.execute(query).scalar_one_or_none()
        return None if body is None else Evidence.model_validate_json(zlib.decompress(body))

    def list(
        self, statuses: Sequence[Status] | None = None, feed: str | None = None, limit: int = 100
    ) -> tuple[Incident, ...]:
        """Give incidents, newest first."""
        query = select(INCIDENTS.c.id, INCIDENTS.c.body).order_by(
            INCIDENTS.c.opened_at.desc(), INCIDENTS.c.id
        )
        if statuses is not None:
            query = query.where(INCIDENTS.c.status.in_([status.value for status in statuses]))
        if feed is not None:
            query = query.where(INCIDENTS.c.feed == feed)
        with self._engine.connect() as connection:
            return tuple(_incident(row.id, row.body) for row in connection.execute(query.limit(limit)))

    def live(self, feed: str) -> tuple[Incident, ...]:
        """Give the incidents of a feed that are not closed, newest first."""
        return self.list([status for status in Status if status is not Status.CLOSED], feed)

    def unsettled(self, feed: str, since: datetime) -> tuple[Incident, ...]:
        """Give the live incidents of a feed and those that recovered since an instant, newest first."""
        lately = INCIDENTS.c.updated_at >= since.isoformat()
        query = (
            select(INCIDENTS.c.id, INCIDENTS.c.body)
            .where(INCIDENTS.c.feed == feed, (INCIDENTS.c.status != Status.CLOSED.value) | lately)
            .order_by(INCIDENTS.c.opened_at.desc(), INCIDENTS.c.id)
        )
        with self._engine.connect() as connection:
            found = tuple(_incident(row.id, row.body) for row in connection.execute(query))
        return tuple(one for one in found if one.status is not Status.CLOSED or one.recovered)

    def recent(self, feed: str, since: datetime) -> tuple[Incident, ...]:
        """Give the short-term buffer: a feed's incidents opened since an instant, newest first."""
        query = (
            select(INCIDENTS.c.id, INCIDENTS.c.body)
            .where(INCIDENTS.c.feed == feed, INCIDENTS.c.opened_at >= since.isoformat())
            .order_by(INCIDENTS.c.opened_at.desc(), INCIDENTS.c.id)
        )
        with self._engine.connect() as connection:
            return tuple(_incident(row.id, row.body) for row in connection.execute(query))

    def record_decision(self, incident_id: str, decision: Decision) -> None:
        """Keep the one decision on an incident.

        Raises:
            RefusedError: somebody decided before; the message says who, what and when.
        """
        values = {"incident_id": incident_id, "body": decision.model_dump_json()}
        with self._engine.begin() as connection:
            written = connection.execute(insert_new(self._engine, DECISIONS), values).rowcount
        if written:
            return
        first = self.decision(incident_id)
        who = (
            f"{first.by} chose to {first.type} at {first.at:%Y-%m-%d %H:%M:%S}" if first else "somebody else"
        )
        msg = f"incident {incident_id[:8]} was decided already: {who}"
        raise RefusedError(msg)

    def decision(self, incident_id: str) -> Decision | None:
        """Give the decision on an incident."""
        query = select(DECISIONS.c.body).where(DECISIONS.c.incident_id == incident_id)
        with self._engine.connect() as connection:
            body = connection.execute(query).scalar_one_or_none()
        return None if body is None else Decision.model_validate_json(body)

    @contextmanager
    def lease(self, incident_id: str, owner: str, seconds: float, now: datetime) -> Iterator[None]:
        """Let one owner at a time work on an incident; an expired lease may be taken over.

        Raises:
            RefusedError: somebody else holds it.
        """
        until = (now + timedelta(seconds=seconds)).timestamp()
        mine = {"incident_id": incident_id, "owner": owner, "until_s": until}
        free = (LEASES.c.owner == owner) | (LEASES.c.until_s <= now.timestamp())
        with self._engine.begin() as connection:
            taken = connection.execute(insert_new(self._engine, LEASES), mine).rowcount
            if not taken:
                change = update(LEASES).where(LEASES.c.incident_id == incident_id, free)
                taken = connection.execute(change.values(owner=owner, until_s=until)).rowcount
        if not taken:
            msg = f"another process is at work on incident {incident_id[:8]}; try again in a moment"
            raise RefusedError(msg)
        try:
            yield
        finally:
            with self._engine.begin() as connection:
                held = (LEASES.c.incident_id == incident_id) & (LEASES.c.owner == owner)
                connection.execute(delete(LEASES).where(held))

    def start_intervention(self, intervention: Intervention) -> None:
        """Keep an action that is in force; the same key again changes nothing."""
        with self._engine.begin() as connection:
            connection.execute(insert_new(self._engine, INTERVENTIONS), _intervention_row(intervention))

    def active_interventions(self, feed: str | None = None) -> tuple[Intervention, ...]:
        """Give the actions in force."""
        query = select(INTERVENTIONS.c.body).where(INTERVENTIONS.c.active == 1)
        if feed is not None:
            query = query.where(INTERVENTIONS.c.feed == feed)
        with self._engine.connect() as connection:
            return tuple(
                Intervention.model_validate_json(body) for body in connection.execute(query).scalars()
            )

    def end_intervention(self, key: str, at: datetime, because: str) -> None:
        """Keep that an action is over.

        Raises:
            NotFoundError: no action was started under the key.
        """
        query = select(INTERVENTIONS.c.body).where(INTERVENTIONS.c.key == key)
        with self._engine.begin() as connection:
            body = connection.execute(query).scalar_one_or_none()
            if body is None:
                msg = f"there is no intervention {key!r}"
                raise NotFoundError(msg)
            ended = Intervention.model_validate_json(body).model_copy(
                update={"ended_at": at, "ended_because": because}
            )
            connection.execute(replace(self._engine, INTERVENTIONS, _intervention_row(ended)))


def _row(incident: Incident) -> dict[str, object]:
    return {
        "id": incident.id,
        "feed": incident.feed,
        "status": incident.status.value,
        "opened_at": incident.opened_at.isoformat(),
        "updated_at": incident.updated_at.isoformat(),
        "schema_version": incident.schema_version,
        "body": incident.model_dump_json(),
    }


def _incident(incident_id: str, body: str) -> Incident:
    try:
        return Incident.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        msg = (
            f"incident {incident_id} cannot be read by this version (schema {SCHEMA_VERSION}): "
            f"{where}: {first['msg']}; open it with the version that wrote it"
        )
        raise InputError(msg) from error


def _intervention_row(intervention: Intervention) -> dict[str, object]:
    return {
        "key": intervention.key,
        "incident_id": intervention.incident_id,
        "feed": intervention.feed,
        "active": int(intervention.ended_at is None),
        "body": intervention.model_dump_json(),
    }
