"""What the analyst and the planner say of an incident: nothing is kept, so the crew may also think twice."""

from graph.facts import Traffic, planned_at, routes_for, traffic_in
from graph.services import Services
from graph.state import CrewState, diagnosis_in, finding_in, lessons_in
from payments.evidence import Evidence


def diagnosed(state: CrewState, evidence: Evidence, services: Services) -> CrewState:
    """Name the cause from the evidence, with similar past incidents at hand."""
    finding = finding_in(state)
    at = max(finding.at, evidence.until)
    recalled = services.lessons.recall(services.analyst.describe(evidence), at=at)
    lessons = tuple(one for one in recalled if one.incident_id != state["incident_id"])  # not from itself
    downtimes = planned_at(at, state, services)
    diagnosis = services.analyst.analyse(evidence, lessons, downtimes, at, services.window_s)
    return CrewState(
        lessons=[lesson.model_dump(mode="json") for lesson in lessons],
        diagnosis=diagnosis.model_dump(mode="json"),
        traffic=Traffic.of(evidence, finding, diagnosis, services.window_s).model_dump(mode="json"),
    )


def planned(state: CrewState, services: Services) -> CrewState:
    """Propose exactly one action; of a traffic without routes with those that there are now."""
    diagnosis, known = diagnosis_in(state), traffic_in(state)
    if not known.routes:
        known = known.model_copy(update={"routes": routes_for(diagnosis.culprit, state, services)})
    plan = services.planner.plan(known.situation(diagnosis, lessons_in(state), services.window_s))
    return CrewState(plan=plan.model_dump(mode="json"), traffic=known.model_dump(mode="json"))
