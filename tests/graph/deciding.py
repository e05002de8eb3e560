"""People who decide from other processes than the one that asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from console.compose import deciding, open_memory
from graph.approvals import decide
from graph.runs import Runs
from payments.decision import Decision
from payments.incident import Incident
from tests.graph.made import Left, decision


@contextmanager
def another_process(left: Left) -> Iterator[Runs]:
    with deciding(left.feed, left.settings) as runs:
        yield runs


def take(left: Left, taken: Decision) -> str:
    with another_process(left) as runs:
        return decide(left.incident_id, taken, runs.services, runs)


def by(name: str, kind: str = "approve", question: int = 1, note: str = "") -> Decision:
    return decision(kind, note=note).model_copy(update={"by": name, "question": question})


def incident_of(left: Left) -> Incident:
    with open_memory(left.settings) as memory:
        return memory.incidents.get(left.incident_id)


def kept(left: Left) -> list[tuple[int, str, str]]:
    """Give the decisions on record."""
    with open_memory(left.settings) as memory:
        return [(one.question, one.type, one.by) for one in memory.incidents.decisions(left.incident_id)]
