"""The state of one run through the crew, declared once: plain JSON that reads well and survives for years.

Arrays never enter it; the evidence behind a finding lies in the incident store.
"""

from typing import Annotated, Any

from typing_extensions import TypedDict  # typing's own cannot become a JSON schema before Python 3.12

from payments.decision import Decision
from payments.diagnosis import Diagnosis
from payments.finding import Finding
from payments.lesson import Lesson
from payments.plan import Plan
from payments.verdict import Verdict

Json = dict[str, Any]
"""One of our values as `model_dump(mode="json")` gives it."""


class Said(TypedDict):
    """Which agent said what, and when by the feed's clock."""

    agent: str
    at: str
    said: str


def append(before: list[Said] | None, after: list[Said]) -> list[Said]:
    """Add to the record; LangGraph's reducer for `path`."""
    return [*(before or []), *after]


class CrewInput(TypedDict, total=False):
    """What may be given to start a run."""

    incident_id: str
    """Handle an incident that is already open."""
    outcome: Json | None
    """Learn from what came of this incident's action."""
    scenario: str
    """Run a simulated scenario until the monitor finds something; for Studio."""
    seed: int
    window: Json
    """One pasted window as `Window.parse` takes it; for Studio."""
    finding: Json | None
    """What the monitor found; goes with `incident_id`."""
    question: int
    """Number of the question that a human is asked next, or now."""
    path: Annotated[list[Said], append]
    """Who said what."""


class CrewState(CrewInput, total=False):
    """Everything a node may read or return."""

    schema_version: int
    summary: Json
    """The last 60 s in figures."""
    observation: Json
    """Evidence and threshold of a quiet tick, and notes on bad input."""
    lessons: list[Json]
    diagnosis: Json
    surroundings: Json
    """`graph.facts.Surroundings` of a simulated scenario, which no process watches; for Studio."""
    traffic: Json
    """`graph.facts.Traffic`: volume, routes and age of the data at the time of the diagnosis."""
    plan: Json
    verdict: Json
    decision: Json | None
    """The last answer of a human; None when it was refused or nobody has answered yet."""
    answers: list[Json]
    """Every answer to this run's questions, in their order."""
    refused: str | None
    """Why the last answer was refused, for whoever is asked again."""
    receipt: Json | None
    opinion: Json | None
    """What a language model says of what was ruled on; None where nobody asked it. No node reads it."""


def fresh(**given: Any) -> CrewInput:  # noqa: ANN401 - the values are those of CrewInput
    """Make an input that clears the outcome of an earlier run on the same thread."""
    return CrewInput(**{"outcome": None, **given})  # type: ignore[typeddict-item]


def finding_in(state: CrewState) -> Finding:
    """Read and validate the finding."""
    return Finding.model_validate(state["finding"])


def diagnosis_in(state: CrewState) -> Diagnosis:
    """Read and validate the diagnosis."""
    return Diagnosis.model_validate(state["diagnosis"])


def lessons_in(state: CrewState) -> tuple[Lesson, ...]:
    """Read and validate the lessons."""
    return tuple(Lesson.model_validate(lesson) for lesson in state.get("lessons", []))


def plan_in(state: CrewState) -> Plan:
    """Read and validate the plan."""
    return Plan.model_validate(state["plan"])


def verdict_in(state: CrewState) -> Verdict:
    """Read and validate the verdict."""
    return Verdict.model_validate(state["verdict"])


def decision_in(state: CrewState) -> Decision | None:
    """Read and validate the human's decision, if there is one."""
    given = state.get("decision")
    return Decision.model_validate(given) if given else None


def question_in(state: CrewState) -> int:
    """Give the number of the question that is asked next, or now."""
    return state.get("question", 1)


def answers_in(state: CrewState) -> tuple[Decision, ...]:
    """Read and validate the answers to this run's questions."""
    return tuple(Decision.model_validate(answer) for answer in state.get("answers", []))


def approvers_in(state: CrewState) -> tuple[str, ...]:
    """Name the people who stand behind the plan as it is: an edit begins anew, a note ends all approval."""
    behind: tuple[str, ...] = ()
    for answer in answers_in(state):
        match answer.type:
            case "approve":
                behind = (*behind, answer.by)
            case "edit":
                behind = (answer.by,)
            case _:
                behind = ()
    return behind
