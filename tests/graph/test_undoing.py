"""A human takes back what is in force."""

from pathlib import Path

import pytest

from console.settings import Settings
from graph.undoing import undo
from guardrails.audit import records_in
from payments.errors import InputError, RefusedError
from payments.incident import Status
from payments.outcome import Effect
from tests.graph.deciding import another_process, incident_of
from tests.graph.made import Left, crew, cycles, only_incident, switches, until, world


def take_back(left: Left, by: str = "asha", note: str = "the bank is well again") -> str:
    with another_process(left) as runs:
        return undo(left.incident_id, by, note, runs)


def test_what_is_in_force_is_undone_at_the_receiver_and_on_record(acting: Left) -> None:
    with another_process(acting) as runs:
        (before,) = runs.services.incidents.active_interventions()
    said = take_back(acting)
    assert "asha undid it: the bank is well again" in said
    with another_process(acting) as runs:
        assert runs.services.incidents.active_interventions() == ()
        (ended,) = [
            one for one in runs.services.incidents.interventions(acting.incident_id) if one.key == before.key
        ]
    assert ended.ended_because == "asha undid it: the bank is well again"

    assert [one["reverted"] for one in switches(acting) if one["key"] == before.key] == [True]


def test_the_audit_log_names_who_took_it_back(acting: Left) -> None:
    take_back(acting)
    records = list(records_in(acting.settings.state_dir / "audit.jsonl"))
    assert [one.actor for one in records if one.event == "reverted"] == ["asha"]


def test_the_effect_until_then_is_learned(acting: Left) -> None:
    take_back(acting)
    outcome = incident_of(acting).outcome
    assert outcome is not None
    assert outcome.effect is Effect.HELPED
    assert outcome.reverted_because == "asha undid it: the bank is well again"


def test_the_incident_stays_open_so_that_nobody_does_the_same_again(acting: Left) -> None:
    take_back(acting)
    assert incident_of(acting).status is Status.WATCHED


def test_a_second_undoing_is_refused(acting: Left) -> None:
    take_back(acting)
    with pytest.raises(RefusedError, match="nothing is in force"):
        take_back(acting, by="ravi")


def test_an_incident_without_an_action_has_nothing_to_undo(waiting: Left) -> None:
    with pytest.raises(RefusedError, match="it is waiting"):
        take_back(waiting)


def test_who_undoes_must_be_named(acting: Left) -> None:
    with pytest.raises(InputError, match="nobody is named"):
        take_back(acting, by=" ")


def test_a_long_note_undoes_nothing(acting: Left) -> None:
    with pytest.raises(RefusedError, match="1,001 characters"):
        take_back(acting, note="x" * 1_001)
    assert incident_of(acting).status is Status.ACTING


def test_the_kill_switch_does_not_forbid_it(acting: Left) -> None:
    (acting.settings.state_dir / "KILL").touch()
    take_back(acting)
    assert incident_of(acting).status is Status.WATCHED


def test_a_watch_that_goes_on_acts_no_more_on_it(no_settings: None, tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state")
    live = world("psp_outage", settings)
    with crew(live, settings) as duty:
        until(duty, lambda _: duty.services.incidents.active_interventions())
        undo(only_incident(duty).id, "asha", "", duty.runs)
        cycles(duty, 24)
        assert only_incident(duty).status is Status.WATCHED
        assert duty.services.incidents.active_interventions() == ()
