"""What a human may answer, what is refused with its reason, and what each answer leads to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from console.compose import open_memory
from graph.answers import NAME_CHARACTERS_AT_MOST, NOTE_CHARACTERS_AT_MOST
from graph.interrupts import ask_payload
from graph.runs import Runs
from guardrails.policy import Policy
from payments.action import Reroute
from payments.errors import RefusedError
from payments.incident import Status
from payments.route import Route
from tests.graph.deciding import another_process, by, incident_of, kept, take
from tests.graph.made import Left, alerts, rows, switches

STATE_DATABASE = "payops.db"


def changed(left: Left, **changes: object) -> None:
    """Keep the incident as another process would have changed it."""
    with open_memory(left.settings) as memory:
        incident = memory.incidents.get(left.incident_id)
        memory.incidents.save(incident.model_copy(update=changes))


def proposed(left: Left) -> Reroute:
    plan = incident_of(left).plan
    assert plan is not None
    assert isinstance(plan.action, Reroute)
    return plan.action


def test_a_first_approval_leads_to_a_question_to_somebody_else(guarded: Left) -> None:
    take(guarded, by("asha"))
    incident = incident_of(guarded)
    assert (incident.status, incident.question, incident.approvers) == (Status.WAITING, 2, ("asha",))
    assert incident.verdict is not None
    assert [check.name for check in incident.verdict.failed if check.on_failure == "second"] == ["four_eyes"]
    assert switches(guarded) == []
    assert [sent["dedup_key"].partition(":")[2] for sent in alerts(guarded.settings)] == ["ask", "ask:2"]


@pytest.mark.parametrize("name", ["asha", " Asha", "ASHA  ", "ash\u200ba"])
def test_the_same_person_cannot_approve_twice_under_whatever_spelling(guarded: Left, name: str) -> None:
    take(guarded, by("asha"))
    with pytest.raises(RefusedError, match=r"needs a second person: .* stands behind this proposal already"):
        take(guarded, by(name, question=2))
    assert kept(guarded) == [(1, "approve", "asha")]
    assert switches(guarded) == []


def test_two_people_together_let_it_happen_once(guarded: Left) -> None:
    take(guarded, by("asha"))
    take(guarded, by("ben", question=2))
    assert kept(guarded) == [(1, "approve", "asha"), (2, "approve", "ben")]
    assert incident_of(guarded).status is Status.ACTING
    assert len(switches(guarded)) == 1


def test_who_proposed_an_edit_cannot_approve_it_but_who_approved_before_can(guarded: Left) -> None:
    take(guarded, by("asha"))
    less = proposed(guarded).model_copy(update={"share": 0.25})
    edit = by("ben", question=2).model_copy(update={"type": "edit", "action": less})
    take(guarded, edit)
    assert incident_of(guarded).approvers == ("ben",)
    with pytest.raises(RefusedError, match="'ben' stands behind this proposal already"):
        take(guarded, by("ben", question=3))
    take(guarded, by("asha", question=3))
    assert switches(guarded)[0]["share"] <= 0.25


def test_the_second_person_may_also_say_no(guarded: Left) -> None:
    take(guarded, by("asha"))
    take(guarded, by("ben", "reject", question=2))
    assert incident_of(guarded).status is Status.WATCHED
    assert switches(guarded) == []


def test_a_note_lets_the_crew_plan_again_and_ask_again(waiting: Left) -> None:
    said = take(waiting, by("asha", "respond", note="unipay is back"))
    incident = incident_of(waiting)
    assert (incident.status, incident.question, incident.approvers) == (Status.WAITING, 2, ())
    assert incident.plan is not None
    assert switches(waiting) == []
    assert said
    with another_process(waiting) as runs:
        state = runs.state(waiting.incident_id)
    agents = [step["agent"] for step in state["path"]]
    assert agents[-4:] == ["asha", "planner", "risk_officer", "alert"]
    assert (
        "asha chose to respond at 2026-03-02 12:00:00 UTC: unipay is back"
        in ask_payload(state)["description"]
    )


def test_after_a_note_somebody_is_asked_even_about_what_the_crew_could_do_alone(waiting: Left) -> None:
    sure = waiting.settings.model_copy(update={"confidence_threshold": 0.0})
    now_sure = replace(waiting, settings=sure)
    take(now_sure, by("asha", "respond", note="go on"))
    incident = incident_of(now_sure)
    assert incident.verdict is not None
    assert [check.name for check in incident.verdict.failed] == ["note"]
    assert incident.status is Status.WAITING
    take(now_sure, by("asha", question=2))
    assert len(switches(now_sure)) == 1


def test_a_note_is_answered_with_the_routes_as_a_watch_saw_them_last(waiting: Left) -> None:
    full = tuple(
        Route(name=name, capacity_per_s=100.0, load_per_s=100.0, success_rate=0.9)
        for name in proposed(waiting).to
    )
    changed(waiting, routes_seen=full)
    take(waiting, by("asha", "respond", note="look at the load"))
    after = incident_of(waiting).plan
    assert after is not None
    assert not isinstance(after.action, Reroute)


def test_ignoring_does_nothing_and_teaches_nothing(waiting: Left) -> None:
    said = take(waiting, by("asha", "ignore", note="not mine"))
    assert "asha left the proposal undecided: not mine" in said
    assert incident_of(waiting).status is Status.WATCHED
    assert switches(waiting) == []
    assert rows(waiting.settings.state_dir / STATE_DATABASE, "lessons") == 0


def test_an_answer_to_another_question_is_refused(waiting: Left) -> None:
    with pytest.raises(RefusedError, match="asks question 1 now, not 2: the proposal has changed"):
        take(waiting, by("asha", question=2))
    take(waiting, by("asha", "respond", note="look again"))
    with pytest.raises(
        RefusedError, match=r"question 1 of incident .* was decided already: asha chose to resp"
    ):
        take(waiting, by("ben"))
    assert kept(waiting) == [(1, "respond", "asha")]


@pytest.mark.parametrize(
    ("field", "limit"), [("note", NOTE_CHARACTERS_AT_MOST), ("by", NAME_CHARACTERS_AT_MOST)]
)
def test_words_that_no_record_should_carry_are_refused(waiting: Left, field: str, limit: int) -> None:
    with pytest.raises(RefusedError, match=rf"has {limit + 1:,} characters, at most {limit:,} are kept"):
        take(waiting, by("asha", "reject").model_copy(update={field: "x" * (limit + 1)}))
    assert kept(waiting) == []
    take(waiting, by("asha", "reject").model_copy(update={field: "x" * limit}))


def aged(left: Left, seconds: float) -> None:
    """Let the feed's clock go on without anybody seeing the fault."""
    with another_process(left) as runs:
        now = runs.services.clock()
    changed(left, seen_at=None)
    with another_process(left) as runs:
        values = runs.state(left.incident_id)
        traffic = {**values["traffic"], "data_until": (now - timedelta(seconds=seconds)).isoformat()}
        runs.crew.update_state(
            {"configurable": {"thread_id": left.incident_id}}, {"traffic": traffic}, as_node="alert"
        )
        runs.go_on(left.incident_id)


LIMIT_S = Policy().max_proposal_age_s


@pytest.mark.parametrize("kind", ["approve", "edit"])
def test_a_proposal_whose_fault_was_last_seen_too_long_ago_cannot_be_approved(
    waiting: Left, kind: str
) -> None:
    aged(waiting, LIMIT_S + 1)
    action = proposed(waiting) if kind == "edit" else None
    with pytest.raises(RefusedError, match=r"still waits, nothing was decided\. Forbidden: .*901"):
        take(waiting, by("asha").model_copy(update={"type": kind, "action": action}))
    assert kept(waiting) == []
    assert switches(waiting) == []


@pytest.mark.parametrize("kind", ["reject", "ignore", "respond"])
def test_no_is_possible_at_any_age(waiting: Left, kind: str) -> None:
    aged(waiting, LIMIT_S + 1)
    take(waiting, by("asha", kind, note="too late"))
    assert kept(waiting) == [(1, kind, "asha")]
    assert switches(waiting) == []


def test_what_a_watch_has_seen_since_keeps_a_proposal_fresh(waiting: Left) -> None:
    aged(waiting, LIMIT_S + 1)
    with another_process(waiting) as runs:
        seen_at = runs.services.clock() - timedelta(seconds=LIMIT_S)
    changed(waiting, seen_at=seen_at)
    take(waiting, by("asha"))
    assert len(switches(waiting)) == 1


def test_an_answer_that_a_dead_process_left_behind_is_handed_on_by_the_next(waiting: Left) -> None:
    with another_process(waiting) as runs:
        runs.services.incidents.record_decision(waiting.incident_id, by("asha"))
    with pytest.raises(
        RefusedError, match=r"asha chose to approve .* it had not reached its run and is carried"
    ):
        take(waiting, by("ben", "reject"))
    assert kept(waiting) == [(1, "approve", "asha")]
    assert len(switches(waiting)) == 1


def test_an_answer_that_cannot_be_handed_on_says_who_is_at_work(waiting: Left) -> None:
    with another_process(waiting) as runs:
        lease = runs.services.incidents.lease(waiting.incident_id, "elsewhere:1", 60.0, runs.wall_clock())
        with lease, pytest.raises(RefusedError, match=r"decision is kept.*in process 'elsewhere:1' until 20"):
            take(waiting, by("asha"))
        with (
            lease_again(runs, waiting),
            pytest.raises(RefusedError, match=r"asha chose .* 'elsewhere:1' until"),
        ):
            take(waiting, by("ben"))
    assert kept(waiting) == [(1, "approve", "asha")]
    assert switches(waiting) == []


@contextmanager
def lease_again(runs: Runs, left: Left) -> Iterator[None]:
    with runs.services.incidents.lease(left.incident_id, "elsewhere:1", 60.0, runs.wall_clock()):
        yield
