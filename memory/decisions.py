"""What humans decided: one decision a question, on disk before anything follows from it."""

from sqlalchemy import Engine, select

from memory.rows import from_body, lasting, plain, reading, to_body, writing
from memory.tables import DECISIONS, INCIDENTS, insert_new
from payments.decision import Decision
from payments.errors import NotFoundError, RefusedError


class Decisions:
    """Keeps decisions; of several processes that decide at once, one wins."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @lasting
    def record_decision(self, incident_id: str, decision: Decision) -> None:
        """Keep the one decision on the question that it names.

        Raises:
            NotFoundError: there is no such incident.
            RefusedError: somebody decided before; the message says who, what and when.
        """
        self._refuse_unknown(incident_id)
        values = {
            "incident_id": plain(incident_id),
            "question": decision.question,
            "body": to_body(decision),
        }
        with writing(self._engine) as connection:
            written = connection.execute(insert_new(self._engine, DECISIONS), values).rowcount
        if not written and self.decision(incident_id, decision.question) != decision:
            raise RefusedError(self._who_decided(incident_id, decision.question))

    def decision(self, incident_id: str, question: int) -> Decision | None:
        """Give the decision on a question of an incident."""
        found = (one for one in self.decisions(incident_id) if one.question == question)
        return next(found, None)

    @lasting
    def decisions(self, incident_id: str) -> tuple[Decision, ...]:
        """Give all decisions on an incident, in the order of its questions."""
        query = select(DECISIONS.c.body).where(DECISIONS.c.incident_id == plain(incident_id))
        with reading(self._engine) as connection:
            bodies = connection.execute(query.order_by(DECISIONS.c.question)).scalars().all()
        return tuple(from_body(Decision, body, f"a decision on incident {incident_id}") for body in bodies)

    @lasting
    def _refuse_unknown(self, incident_id: str) -> None:
        query = select(INCIDENTS.c.id).where(INCIDENTS.c.id == plain(incident_id))
        with reading(self._engine) as connection:
            known = connection.execute(query).first()
        if known is None:
            msg = f"there is no incident {incident_id!r} to decide on; give its full id"
            raise NotFoundError(msg)

    def _who_decided(self, incident_id: str, question: int) -> str:
        first = self.decision(incident_id, question)
        who = first.words if first else "by others"
        return f"question {question} of incident {incident_id[:8]} was decided already: {who}"
