"""The incident store: incidents, decisions, leases and interventions, on disk before anything follows."""

import logging
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Engine, Row, Select, bindparam, func, select, text

from memory.decisions import Decisions
from memory.interventions import Interventions
from memory.leases import Leases
from memory.repeated import Parsed
from memory.rows import from_body, lasting, plain, reading, to_body, writing
from memory.tables import DECISIONS, EVIDENCE, INCIDENTS, insert_new, make_tables, replace
from payments.errors import InputError, NotFoundError
from payments.evidence import Evidence
from payments.incident import SCHEMA_VERSION, Incident, Status

PREFIX_AT_LEAST = 4
"""Characters of an id that must be given to name an incident."""

_LISTED = 5
_LOG = logging.getLogger(__name__)
_Rows = Iterable[Row[tuple[str, str]]]


class IncidentStore(Decisions, Leases, Interventions):
    """Keeps incidents in a database; several processes may use it at once."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        Interventions.__init__(self, engine)
        self._told: set[str] = set()
        self._parsed = Parsed(_read)
        self._opened_with: tuple[object, Evidence | None] = (None, None)
        make_tables(engine)

    @lasting
    def open(self, incident: Incident, evidence: Evidence | None) -> None:
        """Keep a new incident with its evidence; one that is there already stays as it is."""
        with writing(self._engine) as connection:
            connection.execute(insert_new(self._engine, INCIDENTS), _row(incident))
            if evidence is not None:
                row = _evidence_row(incident.id, evidence)
                connection.execute(insert_new(self._engine, EVIDENCE), row)
                self._opened_with = (row["body"], evidence)

    @lasting
    def save(self, incident: Incident) -> None:
        """Keep the incident as it is now."""
        with writing(self._engine) as connection:
            connection.execute(replace(self._engine, INCIDENTS, _row(incident)))

    def get(self, incident_id: str) -> Incident:
        """Give an incident by its id or by a prefix that only it has.

        Raises:
            NotFoundError: no incident begins so; the message names some that exist.
            InputError: several do, the prefix is too short to be meant, or the row cannot be read.
        """
        wanted = plain(incident_id)
        found = self._rows(_ids_and_bodies().where(INCIDENTS.c.id == wanted))
        if not found:
            found = self._by_prefix(wanted)
        return _read(found[0].id, found[0].body)

    @lasting
    def renew_evidence(self, incident_id: str, evidence: Evidence) -> None:
        """Keep newer evidence of an incident in place of what it has."""
        with writing(self._engine) as connection:
            connection.execute(replace(self._engine, EVIDENCE, _evidence_row(incident_id, evidence)))

    @lasting
    def evidence(self, incident_id: str) -> Evidence | None:
        """Give the evidence that opened the incident, or the newest since, if any was kept."""
        query = select(EVIDENCE.c.body).where(EVIDENCE.c.incident_id == plain(incident_id))
        with reading(self._engine) as connection:
            body = connection.execute(query).scalar_one_or_none()
        written, evidence = self._opened_with
        if body is not None and body == written:
            return evidence  # an incident is diagnosed right after it is opened
        return None if body is None else _read_evidence(incident_id, body)

    def list(
        self, statuses: Sequence[Status] | None = None, feed: str | None = None, limit: int | None = 100
    ) -> tuple[Incident, ...]:
        """Give incidents, newest first; rows that cannot be read are left to `unreadable`."""
        query = _newest_first().limit(limit)
        if statuses is not None:
            query = query.where(INCIDENTS.c.status.in_([status.value for status in statuses]))
        if feed is not None:
            query = query.where(INCIDENTS.c.feed == plain(feed))
        return tuple(self._readable(self._rows(query)))

    def unreadable(self) -> tuple[str, ...]:
        """Say of each incident that this version cannot read why."""
        return tuple(reason for row in self._rows(_newest_first()) if (reason := _complaint(row)))

    @lasting
    def live(self, feed: str) -> tuple[Incident, ...]:
        """Give all the incidents of a feed that are not closed, newest first."""
        return tuple(self._readable(self._repeated.rows(_LIVE, feed=plain(feed))))

    @lasting
    def unsettled(self, feed: str, since: datetime) -> tuple[Incident, ...]:
        """Give the live incidents of a feed and those that recovered since an instant, newest first."""
        # From the full hour on, so that the question stays the same from cycle to cycle.
        hour = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        found = self._readable(self._repeated.rows(_LIVE_OR_LATELY, feed=plain(feed), since=hour.isoformat()))
        return tuple(
            one
            for one in found
            if one.status is not Status.CLOSED or (one.recovered and one.updated_at >= since)
        )

    def recent(self, feed: str, since: datetime) -> tuple[Incident, ...]:
        """Give a feed's incidents opened since an instant, newest first."""
        return self._of_feed(feed, INCIDENTS.c.opened_at >= _instant(since))

    @lasting
    def undecided(self) -> tuple[Incident, ...]:
        """Give the incidents that wait for a human who has not decided yet, newest first."""
        waiting = INCIDENTS.c.status == Status.WAITING.value
        both = DECISIONS.join(INCIDENTS, INCIDENTS.c.id == DECISIONS.c.incident_id)
        query = select(DECISIONS.c.incident_id, DECISIONS.c.question).select_from(both).where(waiting)
        with reading(self._engine) as connection:
            decided = {(row.incident_id, row.question) for row in connection.execute(query)}
        found = self._readable(self._rows(_newest_first().where(waiting)))
        return tuple(one for one in found if (plain(one.id), one.question) not in decided)

    @lasting
    def written(self) -> str:
        """Give what is another text once anybody has written to the server; for PostgreSQL alone."""
        with reading(self._engine) as connection:
            return str(connection.scalar(text("SELECT pg_current_snapshot()::text")))

    def _of_feed(self, feed: str, condition: ColumnElement[bool]) -> tuple[Incident, ...]:
        query = _newest_first().where(INCIDENTS.c.feed == plain(feed), condition)
        return tuple(self._readable(self._rows(query)))

    def _by_prefix(self, prefix: str) -> Sequence[Row[tuple[str, str]]]:
        if len(prefix) < PREFIX_AT_LEAST:
            msg = f"incident id {prefix!r} is too short: give at least {PREFIX_AT_LEAST} characters"
            raise InputError(msg)
        begins_so = func.substr(INCIDENTS.c.id, 1, len(prefix)) == prefix
        found = self._rows(_newest_first().where(begins_so).limit(_LISTED + 1))
        if not found:
            raise NotFoundError(f"there is no incident {prefix!r}; {self._what_exists()}")
        if len(found) > 1:
            raise InputError(f"incident id {prefix!r} is ambiguous: {_named(found)}; give more of it")
        return found

    def _what_exists(self) -> str:
        newest = self._rows(_newest_first().limit(_LISTED + 1))
        return f"the newest are {_named(newest)}" if newest else "none has been opened yet"

    @lasting
    def _rows(self, query: Select[tuple[str, str]]) -> Sequence[Row[tuple[str, str]]]:
        with reading(self._engine) as connection:
            return connection.execute(query).all()

    def _readable(self, rows: _Rows) -> Iterator[Incident]:
        """Read what can be read; the rest is told once in the log, so that one bad row stops no watch."""
        for row in rows:
            try:
                yield self._parsed.of(row.id, row.body)
            except InputError as error:
                if row.id not in self._told:
                    self._told.add(row.id)
                    _LOG.warning("left out: %s", error)


def _ids_and_bodies() -> Select[tuple[str, str]]:
    return select(INCIDENTS.c.id, INCIDENTS.c.body)


def _newest_first() -> Select[tuple[str, str]]:
    return _ids_and_bodies().order_by(INCIDENTS.c.opened_at.desc(), INCIDENTS.c.id)


_OF_FEED = _newest_first().where(INCIDENTS.c.feed == bindparam("feed"))
_NOT_CLOSED = INCIDENTS.c.status != Status.CLOSED.value
_LIVE = _OF_FEED.where(_NOT_CLOSED)
_LIVE_OR_LATELY = _OF_FEED.where(_NOT_CLOSED | (INCIDENTS.c.updated_at >= bindparam("since")))
"""The questions of every cycle, made once."""


def _row(incident: Incident) -> dict[str, object]:
    return {
        "id": plain(incident.id),
        "feed": plain(incident.feed),
        "status": incident.status.value,
        "opened_at": _instant(incident.opened_at),
        "updated_at": _instant(incident.updated_at),
        "schema_version": incident.schema_version,
        "body": to_body(incident),
    }


def _evidence_row(incident_id: str, evidence: Evidence) -> dict[str, object]:
    body = zlib.compress(to_body(evidence).encode("ascii"), level=1)
    return {"incident_id": plain(incident_id), "body": body}


def _instant(at: datetime) -> str:
    """Write an instant so that text sorts as time does, whatever its time zone."""
    return at.astimezone(UTC).isoformat()


def _read(incident_id: str, body: str) -> Incident:
    name = f"incident {incident_id}"
    incident = from_body(Incident, body, name)
    if incident.schema_version != SCHEMA_VERSION:
        msg = f"{name} has schema {incident.schema_version}; this version reads schema {SCHEMA_VERSION}"
        raise InputError(msg)
    return incident


def _complaint(row: Row[tuple[str, str]]) -> str | None:
    try:
        _read(row.id, row.body)
    except InputError as error:
        return str(error)
    return None


def _read_evidence(incident_id: str, body: bytes) -> Evidence:
    name = f"the evidence of incident {incident_id}"
    try:
        text = zlib.decompress(body).decode("utf-8")
    except (zlib.error, UnicodeDecodeError) as error:
        raise InputError(f"{name} cannot be read: {error}; it is damaged") from error
    return from_body(Evidence, text, name)


def _named(rows: Sequence[Row[tuple[str, str]]]) -> str:
    more = " and more" if len(rows) > _LISTED else ""
    return ", ".join(row.id for row in rows[:_LISTED]) + more
