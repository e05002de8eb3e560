"""A waiting incident is diagnosed again as its evidence grows, while nobody has answered."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from graph.facts import facts_of
from graph.runs import Runs
from graph.services import Senses, Services
from graph.state import CrewState, answers_in, diagnosis_in
from graph.thinking import diagnosed, planned
from graph.watching import ECHO
from payments.decision import Decision
from payments.errors import RefusedError
from payments.evidence import Evidence
from payments.incident import Incident
from payments.verdict import Ruling

GROWN_BY = 1.25
"""How many times as long the evidence must be as it was at the last look."""
REVIEWS_AT_MOST = 10
"""Questions of an incident that newer evidence may withdraw."""


@dataclass
class Reviewing:
    """Looks again at what waits for a human, and withdraws a question that newer evidence answers otherwise.

    A question that would be the same again stays, so that nobody who is about to answer has to begin anew.
    """

    runs: Runs
    senses: Senses
    looked_at: dict[str, datetime] = field(default_factory=dict)

    def look_again(self, incident: Incident, now: datetime) -> str | None:
        """Diagnose a waiting incident once more when that is due; gives what people should hear."""
        if not has_grown(incident, self.looked_at.get(incident.id), now):
            return None
        self.looked_at[incident.id] = now
        state = self.runs.state(incident.id)
        answers = answers_in(state)
        if len(answers) >= REVIEWS_AT_MOST or any(answer.type != "review" for answer in answers):
            return None
        evidence = newer_evidence(incident, self.runs.services, self.senses)
        news = self._news(state, evidence) if evidence is not None else None
        if evidence is None or news is None:
            return None
        return self._ask_anew(incident, evidence, f"newer evidence: {news}", now)

    def _news(self, state: CrewState, evidence: Evidence) -> str | None:
        """Say what would be said otherwise now; None when the same question would be asked."""
        services, before = self.runs.services, diagnosis_in(state)
        changed = cast("CrewState", {**state, **diagnosed(state, evidence, services)})
        changed = cast("CrewState", {**changed, **planned(changed, services)})
        after, verdict = diagnosis_in(changed), services.risk_officer.review(facts_of(changed, services))
        same = (after.culprit, after.cause) == (before.culprit, before.cause)
        if same and verdict.ruling is Ruling.ASK:
            return None
        return f"{after.cause} in {after.culprit}, confidence {after.confidence:.2f}"

    def _ask_anew(self, incident: Incident, evidence: Evidence, why: str, now: datetime) -> str | None:
        """Withdraw the question on record, unless a human was quicker, and let the run go on from it."""
        services = self.runs.services
        decision = Decision(type="review", question=incident.question, by="crew", at=now, note=why)
        services.incidents.renew_evidence(incident.id, evidence)
        try:
            services.incidents.record_decision(incident.id, decision)
            return self.runs.resume(incident.id, decision)
        except RefusedError:
            return None  # an answer on record finds its way, whoever gave it


def has_grown(incident: Incident, looked_at: datetime | None, now: datetime) -> bool:
    """Say whether there is so much more evidence than at the last look that another one may say more."""
    diagnosis = incident.diagnosis
    if diagnosis is None:
        return False
    last = max(diagnosis.at, looked_at or diagnosis.at)
    return now > last and now - diagnosis.since >= GROWN_BY * (last - diagnosis.since)


def newer_evidence(incident: Incident, services: Services, senses: Senses) -> Evidence | None:
    """Gather the evidence since the onset, outside the culprits of the other incidents since then."""
    before = services.incidents.evidence(incident.id)
    if before is None:
        return None
    others = services.incidents.unsettled(incident.feed, before.since - ECHO)
    known = [one.culprit for one in others if len(one.culprit) and one.id != incident.id]
    evidence = senses.monitor.look_again(before.since, known)
    if evidence is None or evidence.since > before.since or evidence.until <= before.until:
        return None  # nothing new, or the increments of the onset are forgotten: it would be another look
    return evidence.model_copy(update={"onset_sharpness": before.onset_sharpness})
