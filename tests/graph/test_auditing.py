"""What goes on record, once, whatever runs again."""

import json
from pathlib import Path

import pytest

from console.compose import deciding
from console.settings import Settings
from graph.approvals import decide
from guardrails.verifying import verify
from payments.errors import RefusedError
from payments.incident import Status
from payments.verdict import Mode
from tests.graph.deciding import by, incident_of, kept, take
from tests.graph.made import (
    Left,
    alerts,
    crew,
    has_incident,
    only_incident,
    switches,
    until,
    world,
)


def records(settings: Settings) -> list[dict[str, object]]:
    """Read what is on record of incidents."""
    lines = (settings.state_dir / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line)["record"] for line in lines]
    return [record for record in found if record["incident_id"]]


def events(settings: Settings) -> list[str]:
    return [str(record["event"]) for record in records(settings)]


def one(settings: Settings, event: str) -> dict[str, object]:
    (record,) = (record for record in records(settings) if record["event"] == event)
    return record


def test_an_approved_action_leaves_one_record_of_each_step(waiting: Left) -> None:
    take(waiting, by("asha", note="backup tested"))
    assert events(waiting.settings) == ["proposed", "ruled", "decided", "ruled", "acted"]
    assert verify(waiting.settings.state_dir / "audit.jsonl").bad_line is None


def test_a_ruling_on_record_says_what_was_compared_under_which_policy(waiting: Left) -> None:
    ruled = records(waiting.settings)[1]
    verdict = incident_of(waiting).verdict
    assert verdict is not None
    assert (ruled["policy"], ruled["mode"]) == (waiting.settings.policy.label, "autopilot")
    inputs = ruled["inputs"]
    assert isinstance(inputs, dict)
    assert inputs["verdict"]["ruling"] == "ask"
    assert len(inputs["verdict"]["checks"]) == len(verdict.checks)


def test_a_decision_on_record_says_who_what_and_why(waiting: Left) -> None:
    take(waiting, by("asha", "reject", note="known test traffic"))
    decided = one(waiting.settings, "decided")
    inputs = decided["inputs"]
    assert isinstance(inputs, dict)
    assert decided["actor"] == "asha"
    assert (inputs["type"], inputs["question"], inputs["note"]) == ("reject", 1, "known test traffic")


def test_an_action_on_record_says_what_is_in_force_and_how_to_undo_it(waiting: Left) -> None:
    take(waiting, by("asha"))
    acted = one(waiting.settings, "acted")
    (held,) = switches(waiting)
    assert acted["revert_handle"] == held["key"]
    after = acted["after"]
    assert isinstance(after, dict)
    assert after["action"]["from_route"] == held["from_route"]


def test_a_refusal_leaves_nothing_but_its_record(waiting: Left) -> None:
    before = incident_of(waiting)
    with pytest.raises(RefusedError):
        take(waiting, by("asha", question=2))
    refused = one(waiting.settings, "refused")
    inputs = refused["inputs"]
    assert isinstance(inputs, dict)
    assert refused["actor"] == "asha"
    assert "asks question 1 now" in inputs["because"]
    assert (kept(waiting), incident_of(waiting), switches(waiting)) == ([], before, [])


def test_a_node_that_runs_again_after_a_crash_adds_no_record(waiting: Left) -> None:
    with deciding(waiting.feed, waiting.settings) as runs:
        config = {"configurable": {"thread_id": waiting.incident_id}}
        decide(waiting.incident_id, by("asha"), runs.services, runs)
        before = records(waiting.settings)
        history = list(runs.crew.get_state_history(config))  # type: ignore[arg-type]
        asked = next(state for state in history if state.next == ("risk_officer",))
        runs.crew.invoke(None, asked.config, context=runs.services)
    assert records(waiting.settings) == before
    assert len(switches(waiting)) == 1


def test_in_shadow_mode_the_ruling_is_on_record_and_nobody_is_asked_or_told(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir, mode=Mode.SHADOW, confidence_threshold=1.0)
    live = world("psp_outage", settings)
    with crew(live, settings) as duty:
        until(duty, has_incident)
        incident = only_incident(duty)
    assert alerts(settings) == []
    assert incident.status is Status.WATCHED
    assert incident.outcome is not None
    assert incident.outcome.sentence.startswith("In shadow mode nobody is asked and nothing is done.")
    assert switches(Left(settings, live.feed, incident.id)) == []
    assert [record["mode"] for record in records(settings) if record["event"] == "ruled"] == ["shadow"]


def test_in_shadow_mode_a_clear_ruling_is_only_recorded(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir, mode=Mode.SHADOW)
    live = world("psp_outage", settings)
    with crew(live, settings) as duty:
        until(duty, has_incident)
        incident = only_incident(duty)
    assert incident.executed
    assert switches(Left(settings, live.feed, incident.id)) == []
    assert (alerts(settings), events(settings)) == ([], ["proposed", "ruled", "acted"])


def test_in_copilot_mode_every_action_waits_for_a_human(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir, mode=Mode.COPILOT)
    live = world("psp_outage", settings)
    with crew(live, settings) as duty:
        until(duty, has_incident)
        incident = only_incident(duty)
        assert incident.verdict is not None
        assert [check.name for check in incident.verdict.failed] == ["mode"]
        decide(incident.id, by("asha"), duty.services, duty.runs)
    assert len(switches(Left(settings, live.feed, incident.id))) == 1


def test_what_came_of_an_action_is_on_record(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    with crew(world("psp_outage", settings), settings) as duty:
        until(duty, lambda report: report.incident and report.incident.effect, at_most=400)
        incident = only_incident(duty)
    assert incident.outcome is not None
    kinds = events(settings)
    assert kinds[:3] == ["proposed", "ruled", "acted"]


@pytest.mark.parametrize("text", ["a\0b", "\ud800 alone", "\x1b[2J", "नमस्ते \u202e", '"}\n{"'])
def test_hostile_words_reach_the_record_and_break_nothing(waiting: Left, text: str) -> None:
    take(waiting, by(text, "reject", note=text))
    assert [name for _, _, name in kept(waiting)] == [text]
    assert events(waiting.settings)[-2:] == ["decided", "outcome"]
    assert verify(waiting.settings.state_dir / "audit.jsonl").bad_line is None
