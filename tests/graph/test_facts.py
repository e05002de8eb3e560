"""What the guardrails are told: what was done lately, what humans refused, what is known of the routes."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta

import pytest

from console.compose import deciding
from graph.facts import facts_of, traffic_now
from graph.lately import DoneLately, done_lately
from graph.lessons import lesson_of
from graph.services import Services
from graph.state import CrewState
from payments.action import Action, Reroute
from payments.incident import Incident, Status
from payments.intervention import Intervention
from payments.lesson import Lesson
from payments.outcome import Effect, Outcome
from payments.route import Route
from payments.segment import Segment
from tests.graph.deciding import by, incident_of, take
from tests.graph.made import Left

SCOPE = Segment.of(psp="swiftgate")


@pytest.fixture
def services(waiting: Left) -> Iterator[Services]:
    with deciding(waiting.feed, waiting.settings) as runs:
        yield runs.services


@pytest.fixture
def incident(waiting: Left) -> Incident:
    return incident_of(waiting)


def another(incident: Incident, number: int, effect: Effect | None = None) -> Incident:
    """Make another incident of the same feed."""
    outcome = Outcome(effect=effect, payments_saved=None, sentence="So.") if effect else None
    name = {"id": f"another-{number}", "status": Status.WATCHED, "outcome": outcome}
    return incident.model_copy(update=name)


def held(services: Services, incident: Incident, minutes_ago: float, **changes: object) -> None:
    """Keep an action that began some minutes ago, for an incident that is there or is opened now."""
    services.incidents.open(incident, None)
    assert incident.plan is not None
    begun = services.clock() - timedelta(minutes=minutes_ago)
    kept = Intervention(
        key=f"{incident.id}:1",
        incident_id=incident.id,
        feed=incident.feed,
        action=incident.plan.action,
        started_at=begun,
        expires_at=begun + timedelta(minutes=15),
    )
    services.incidents.start_intervention(kept.model_copy(update=changes))


def lately(services: Services, incident: Incident, scope: Segment = SCOPE) -> DoneLately:
    return done_lately(incident, scope, 12_000.0, services.clock(), services)


def test_where_nothing_was_done_there_is_nothing_to_count(services: Services, incident: Incident) -> None:
    nothing = DoneLately(
        share_moved_already=0.0, actions_last_hour=0, reverts_last_hour=0, seconds_since_last_on_scope=None
    )
    assert lately(services, incident) == nothing


def test_the_incident_s_own_action_is_not_counted_against_it(services: Services, incident: Incident) -> None:
    held(services, incident, 5)
    assert lately(services, incident)["actions_last_hour"] == 0


def test_actions_of_other_incidents_count_for_an_hour(services: Services, incident: Incident) -> None:
    held(services, another(incident, 1), 59)
    held(services, another(incident, 2), 60)
    assert lately(services, incident)["actions_last_hour"] == 1


@pytest.mark.parametrize(
    ("effect", "counted"),
    [(Effect.HARMED, 1), (Effect.NO_EFFECT, 1), (Effect.HELPED, 0), (Effect.NOT_MEASURED, 0), (None, 0)],
)
def test_only_what_did_not_help_counts_as_taken_back(
    services: Services, incident: Incident, effect: Effect | None, counted: int
) -> None:
    held(services, another(incident, 1, effect), 20, ended_at=services.clock() - timedelta(minutes=2))
    assert lately(services, incident)["reverts_last_hour"] == counted


def test_the_scope_was_changed_when_an_action_on_it_began_or_ended(
    services: Services, incident: Incident
) -> None:
    held(services, another(incident, 1), 20, ended_at=services.clock() - timedelta(minutes=2))
    held(services, another(incident, 2), 10)
    assert lately(services, incident)["seconds_since_last_on_scope"] == 120.0


@pytest.mark.parametrize("because", ["the action expired", "no target is left"])
def test_what_lapsed_or_had_bad_targets_is_not_waited_for(
    services: Services, incident: Incident, because: str
) -> None:
    ended = {"ended_at": services.clock() - timedelta(seconds=5), "ended_because": because}
    held(services, another(incident, 1), 15, **ended)
    assert lately(services, incident)["seconds_since_last_on_scope"] is None


@pytest.mark.parametrize(
    ("scope", "seconds"),
    [
        (Segment.of(psp="swiftgate"), 300.0),
        (Segment.of(psp="swiftgate", method="upi"), 300.0),
        (Segment.of(method="upi"), 300.0),
        (Segment({}), 300.0),
        (Segment.of(psp="unipay"), None),
    ],
)
def test_scopes_touch_when_some_payment_may_be_in_both(
    services: Services, incident: Incident, scope: Segment, seconds: float | None
) -> None:
    held(services, another(incident, 1), 5)
    assert lately(services, incident, scope)["seconds_since_last_on_scope"] == seconds


def test_what_is_in_force_moves_its_share_of_all_traffic(services: Services, incident: Incident) -> None:
    assert incident.diagnosis is not None
    action: Action = Reroute(scope=SCOPE, from_route="swiftgate", to={"unipay": 1.0}, share=0.5)
    held(services, another(incident, 1), 5, action=action)
    held(services, another(incident, 2), 5, ended_at=services.clock())
    share = 0.5 * incident.diagnosis.attempts_per_window / 12_000.0
    assert lately(services, incident)["share_moved_already"] == pytest.approx(share)


def test_an_action_whose_incident_cannot_be_read_is_taken_for_the_worst(
    waiting: Left, services: Services, incident: Incident
) -> None:
    action: Action = Reroute(scope=SCOPE, from_route="swiftgate", to={"unipay": 1.0}, share=0.5)
    held(services, another(incident, 1), 5, action=action)
    held(services, another(incident, 2), 20, ended_at=services.clock() - timedelta(minutes=2))
    with sqlite3.connect(waiting.settings.state_dir / "payops.db") as database:
        database.execute("UPDATE incidents SET body = '{}' WHERE id LIKE 'another-%'")
    database.close()
    told = lately(services, incident)
    assert told["share_moved_already"] == pytest.approx(0.5)
    assert told["reverts_last_hour"] == 1


def state_with(asked_state: CrewState, lesson: Lesson) -> CrewState:
    return CrewState(**{**asked_state, "lessons": [lesson.model_dump(mode="json")]})


def test_what_a_human_refused_is_told_when_the_same_is_proposed_again(
    waiting: Left, services: Services, asked_state: CrewState
) -> None:
    take(waiting, by("asha", "reject"))
    refused = lesson_of(incident_of(waiting))
    assert refused.rejected
    assert facts_of(state_with(asked_state, refused), services).rejected_before == 1
    accepted = refused.model_copy(update={"rejected": False})
    elsewhere = refused.model_copy(update={"culprit": Segment.of(psp="unipay")})
    for other in (accepted, elsewhere):
        assert facts_of(state_with(asked_state, other), services).rejected_before == 0


def test_the_age_of_a_proposal_counts_from_when_its_fault_was_seen_last(
    services: Services, incident: Incident, asked_state: CrewState
) -> None:
    seen_at = services.clock() - timedelta(seconds=30)
    services.incidents.save(incident.model_copy(update={"seen_at": seen_at}))
    assert facts_of(asked_state, services).proposal_age_s <= 30.0


def test_routes_are_those_a_watch_saw_last_or_else_those_of_the_plan(
    services: Services, incident: Incident, asked_state: CrewState
) -> None:
    seen = (Route(name="unipay", capacity_per_s=10.0, load_per_s=9.0, success_rate=0.9),)
    services.incidents.save(incident.model_copy(update={"routes_seen": seen}))
    assert traffic_now(asked_state, services).routes == seen
    services.incidents.save(incident.model_copy(update={"routes_seen": ()}))
    planned_with = [route.name for route in traffic_now(asked_state, services).routes]
    assert planned_with == [route["name"] for route in asked_state["traffic"]["routes"]]
