"""An incident that the crew left alone is taken up again when its fault has become worth acting on."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from graph.reviewing import has_grown, newer_evidence
from graph.runs import Runs
from graph.services import Senses
from graph.state import CrewState, answers_in, fresh, plan_in, question_in
from graph.thinking import diagnosed, planned
from payments.action import touches_traffic
from payments.errors import RefusedError
from payments.evidence import Evidence
from payments.incident import Incident, Status


@dataclass
class Resuming:
    """Looks again at what was only told to people: a fault that rises is weighed while little of it shows.

    An incident that traffic was touched for, or a human has decided on, is never taken up here.
    """

    runs: Runs
    senses: Senses
    looked_at: dict[str, datetime] = field(default_factory=dict)

    def look_again(self, incident: Incident, now: datetime) -> str | None:
        """Diagnose and plan once more when that is due; gives what people should hear of a new run."""
        if not _was_left_alone(incident) or not has_grown(incident, self.looked_at.get(incident.id), now):
            return None
        self.looked_at[incident.id] = now
        state, services = self.runs.state(incident.id), self.runs.services
        if any(answer.type != "review" for answer in answers_in(state)):
            return None
        evidence = newer_evidence(incident, services, self.senses)
        if evidence is None or not self._calls_for_more(state, evidence):
            return None
        return self._begin_again(incident, evidence, question_in(state) + 1)

    def _calls_for_more(self, state: CrewState, evidence: Evidence) -> bool:
        """Say whether the plan that the newer evidence leads to touches traffic."""
        services = self.runs.services
        changed = cast("CrewState", {**state, **diagnosed(state, evidence, services)})
        return touches_traffic(plan_in(planned(changed, services)).action)

    def _begin_again(self, incident: Incident, evidence: Evidence, question: int) -> str | None:
        """Run the crew from the start on the newer evidence; its records get numbers of their own."""
        services = self.runs.services
        given = fresh(
            incident_id=incident.id, finding=incident.finding.model_dump(mode="json"), question=question
        )
        if not self.runs.change(incident.id, lambda now: now.model_copy(update={"outcome": None})):
            return None
        services.incidents.renew_evidence(incident.id, evidence)
        try:
            return self.runs.start(incident.id, given)
        except RefusedError:
            return None  # another process is at work on it: the next look will do


def _was_left_alone(incident: Incident) -> bool:
    plan = incident.plan
    told = plan is not None and not touches_traffic(plan.action)
    return incident.status is Status.WATCHED and told and not incident.executed
