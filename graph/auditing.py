"""What the nodes and the watch put on record: one line for each thing that was decided or done."""

import json
from hashlib import sha256

from graph.services import Services
from graph.state import Json
from payments.audit import AuditEvent, AuditRecord
from payments.decision import Decision
from payments.diagnosis import Diagnosis
from payments.incident import Incident
from payments.plan import Plan
from payments.verdict import Verdict

_SHOWN_CHARACTERS = 500
"""Of an answer that nobody could read."""


def note(  # noqa: PLR0913 - a record has as many fields as an auditor asks for
    services: Services,
    incident: Incident,
    event: AuditEvent,
    *,
    part: str = "1",
    actor: str = "crew",
    inputs: Json | None = None,
    before: Json | None = None,
    after: Json | None = None,
    revert_handle: str | None = None,
) -> None:
    """Put an event on record, once for each `part`, so that what runs again after a crash adds nothing.

    Raises:
        StorageError: the record cannot be written; nothing that rests on it may happen.
    """
    verdict = incident.verdict
    services.audit.append(
        AuditRecord(
            id=f"{incident.id}:{event}:{part}",
            at=services.clock(),
            incident_id=incident.id,
            feed=incident.feed,
            event=event,
            actor=actor,
            inputs=inputs or {},
            policy=verdict.policy if verdict else "",
            mode=verdict.mode if verdict else services.mode,
            before=before,
            after=after,
            revert_handle=revert_handle,
        )
    )


def grounds(diagnosis: Diagnosis) -> Json:
    """Give what a proposal rests on."""
    kept = {"at", "since", "culprit", "cause", "category", "confidence", "sentence", "evidence"}
    return diagnosis.model_dump(mode="json", include=kept)


def proposal(plan: Plan) -> Json:
    """Give what is proposed and what it should bring."""
    return plan.model_dump(mode="json", exclude={"alternatives"})


def compared(verdict: Verdict) -> Json:
    """Give a ruling with the numbers of every check."""
    return verdict.model_dump(mode="json", exclude={"policy", "mode"})


def answer(decision: Decision) -> Json:
    """Give what somebody decided and why."""
    return decision.model_dump(mode="json", exclude={"by"})


def refusal(services: Services, incident: Incident, given: object, because: str) -> None:
    """Put on record that somebody wanted to decide and could not; the same once more is another attempt."""
    if isinstance(given, Decision):
        actor, said = given.by, answer(given)
    else:
        actor, said = "an inbox", {"answer": repr(given)[:_SHOWN_CHARACTERS]}
    inputs = {**said, "because": because}
    note(services, incident, "refused", part=digest([actor, inputs]), actor=actor, inputs=inputs)


def digest(value: object) -> str:
    """Give twelve characters that tell one plain value from another."""
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]
