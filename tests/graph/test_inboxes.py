"""An inbox resumes the run itself, so that no command has checked its answer before."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from graph.answers import NOTE_CHARACTERS_AT_MOST
from graph.crew import CrewGraph, compile_crew
from graph.services import Services
from graph.state import CrewState, approvers_in
from tests.graph.deciding import another_process, by, kept
from tests.graph.made import Left, switches

HERE: RunnableConfig = {"configurable": {"thread_id": "inbox"}}


@contextmanager
def inbox(left: Left) -> Iterator[tuple[CrewGraph, Services]]:
    """Give a run of its own that waits at the question, in the memory of an inbox's server."""
    with another_process(left) as runs:
        state = runs.state(left.incident_id)
        crew = compile_crew(InMemorySaver())
        crew.update_state(HERE, state, as_node="alert")
        crew.invoke(None, HERE, context=runs.services)
        yield crew, runs.services


def resume(crew: CrewGraph, services: Services, answer: object) -> CrewState:
    crew.invoke(Command(resume=answer), HERE, context=services)
    return cast("CrewState", crew.get_state(HERE).values)


def card(crew: CrewGraph) -> dict[str, object]:
    (interrupt,) = crew.get_state(HERE).interrupts
    shown: dict[str, object] = interrupt.value
    return shown


def test_an_inbox_s_answer_is_on_record_before_anything_follows(waiting: Left) -> None:
    with inbox(waiting) as (crew, services):
        resume(crew, services, [{"type": "accept", "args": None}])
    assert kept(waiting) == [(1, "approve", "studio")]
    assert len(switches(waiting)) == 1


def test_in_an_inbox_too_the_same_person_cannot_approve_twice(guarded: Left) -> None:
    with inbox(guarded) as (crew, services):
        resume(crew, services, {"type": "approve", "by": "asha"})
        assert card(crew)["question"] == 2
        resume(crew, services, {"type": "approve", "by": "asha"})
        assert "needs a second person" in str(card(crew)["refused"])
        assert card(crew)["question"] == 2
        assert switches(guarded) == []
        state = resume(crew, services, {"type": "approve", "by": "ben"})
    assert approvers_in(state) == ("asha", "ben")
    assert len(switches(guarded)) == 1


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"type": "perhaps"}, "answer of type 'perhaps'"),
        ({"type": "edit", "args": {"share": "most"}}, "share: "),
        ({"type": "approve", "question": 7}, "asks question 1 now, not 7"),
        ({"type": "reject", "message": "x" * (NOTE_CHARACTERS_AT_MOST + 1)}, "the note has 1,001 characters"),
    ],
)
def test_an_inbox_is_asked_again_and_told_why(waiting: Left, answer: object, why: str) -> None:
    with inbox(waiting) as (crew, services):
        resume(crew, services, answer)
        assert why in str(card(crew)["refused"])
        assert kept(waiting) == []
        resume(crew, services, "approve")
    assert len(switches(waiting)) == 1


def test_an_inbox_that_answers_late_gets_the_decision_that_stands(waiting: Left) -> None:
    with inbox(waiting) as (crew, services):
        services.incidents.record_decision(waiting.incident_id, by("asha", "reject"))
        resume(crew, services, "approve")
    assert kept(waiting) == [(1, "reject", "asha")]
    assert switches(waiting) == []


def test_the_node_that_asks_changes_nothing_before_its_interrupt(waiting: Left) -> None:
    def everything() -> dict[str, bytes]:
        names = ("payops.db", "payops.db-wal", "alerts.jsonl", "audit.jsonl")
        return {
            name: path.read_bytes() for name in names if (path := waiting.settings.state_dir / name).exists()
        }

    with inbox(waiting) as (crew, services):
        before, first = everything(), card(crew)
        crew.invoke(None, HERE, context=services)
        assert (everything(), card(crew)) == (before, first)
