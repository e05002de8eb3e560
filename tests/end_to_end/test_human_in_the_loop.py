"""An incident that waits, and the people who decide on it from other processes."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from console.compose import open_memory
from console.settings import Settings
from graph.report import CycleReport
from payments.action import Effect, Reroute
from payments.incident import Incident, Status
from tests.end_to_end.command import TIME_LIMIT_S, Command, briefs

pytestmark = pytest.mark.integration

LIVE_CYCLES = 150
"""Twelve and a half minutes, so that the action is still in force at the end."""


def shown(command: Command, incident: str) -> Incident:
    done = command.inside("show", incident, "--json")
    assert done.code == 0, done.err
    return Incident.model_validate_json(done.out)


def inbox(command: Command) -> list[dict[str, Any]]:
    done = command.inside("inbox", "--json")
    assert done.code == 0, done.err
    listed: list[dict[str, Any]] = json.loads(done.out)
    return listed


def the_waiting(command: Command) -> str:
    (only,) = inbox(command)
    return str(only["id"])


def test_the_inbox_and_the_page_of_an_incident_can_be_read_by_people(waiting: Command) -> None:
    incident = the_waiting(waiting)
    assert [one["id"] for one in json.loads(waiting("inbox", "--json").out)] == [incident]
    listed, page = waiting("inbox").out, waiting("show", incident[:8]).out
    assert incident[:8] in listed
    assert "swiftgate" in listed
    assert "waiting" in page
    assert incident in page


def test_an_approval_from_another_process_carries_the_action_out_once(waiting: Command) -> None:
    incident = the_waiting(waiting)
    approved = waiting("approve", incident[:8], "--by", "asha", "--note", "backup tested this morning")
    assert approved.code == 0, approved.err
    assert incident[:8] in approved.out
    after = shown(waiting, incident)
    assert after.executed
    assert after.status is Status.ACTING
    assert after.decision is not None
    assert (after.decision.type, after.decision.by) == ("approve", "asha")
    assert after.decision.note == "backup tested this morning"
    refusal = waiting("approve", incident[:8], "--by", "ravi").refusal
    assert "asha" in refusal
    assert inbox(waiting) == []
    assert shown(waiting, incident) == after


def test_an_edit_carries_out_the_edited_action(waiting: Command) -> None:
    incident = the_waiting(waiting)
    assert waiting("edit", incident, "--share", "0.1", "--by", "asha").code == 0
    after = shown(waiting, incident)
    assert after.executed
    assert after.plan is not None
    assert isinstance(after.plan.action, Reroute)
    assert after.plan.action.share == 0.1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ((), "nothing to edit"),
        (("--share", "1.5"), "share"),
        (("--max-attempts", "2"), "has no max_attempts"),
        (("--to", "unipay=0.5"), "add up to 0.5"),
        (("--to", "unipay"), "is not ROUTE=FRACTION"),
        (("--to", "nowhere=1"), "nowhere"),
        (("--to", "swiftgate=1"), "swiftgate"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused_and_the_incident_waits_on(
    waiting: Command, changes: tuple[str, ...], words: str
) -> None:
    incident = the_waiting(waiting)
    assert words in waiting.inside("edit", incident, *changes).refusal
    assert the_waiting(waiting) == incident


def test_a_rejection_does_nothing_and_is_learned_from(waiting: Command) -> None:
    incident = the_waiting(waiting)
    assert waiting("reject", incident, "--by", "asha", "--note", "known test traffic").code == 0
    after = shown(waiting, incident)
    assert (after.executed, after.status) == (False, Status.WATCHED)
    (lesson,) = json.loads(waiting("lessons", "--json").out)
    assert (lesson["incident_id"], lesson["decided_by"]) == (incident, "asha")
    (found,) = json.loads(waiting.inside("lessons", "a route that times out", "--json").out)
    assert 0 <= found["similarity"] <= 1
    assert "asha" in waiting.inside("lessons").out


def test_an_id_that_names_no_incident_or_several_is_refused(waiting: Command) -> None:
    known = the_waiting(waiting)
    twin = f"{known[:4]}{'0' * len(known[4:])}"
    with open_memory(Settings(state_dir=waiting.state)) as memory:
        memory.incidents.open(memory.incidents.get(known).model_copy(update={"id": twin}), None)
    ambiguous = waiting.inside("show", known[:4]).refusal
    assert known in ambiguous
    assert twin in ambiguous
    assert "'ffffffff'" in waiting("approve", "ffffffff").refusal
    assert "too short" in waiting.inside("reject", known[:2]).refusal


def test_an_approval_reaches_a_watch_that_goes_on(run: Command, tmp_path: Path) -> None:
    asks = run.having(PAYOPS_CONFIDENCE_THRESHOLD="1.0")
    with asks.start("watch", "--json", "--tick", "0.1", "--cycles", str(LIVE_CYCLES)) as watch:
        first, incident = until_it_waits(watch)
        approved = asks("approve", incident, "--by", "asha")
        out, err = watch.communicate(timeout=TIME_LIMIT_S)
    assert approved.code == 0, approved.err
    assert (watch.returncode, err) == (0, "")
    reports = [*first, *map(CycleReport.model_validate_json, out.splitlines())]
    own = [brief for report in reports for brief in briefs(report) if brief.id == incident]
    assert {Status.WAITING, Status.ACTING} <= {brief.status for brief in own}
    assert own[-1].effect is Effect.HELPED
    twins = {brief.id for report in reports for brief in briefs(report) if brief.culprit == own[0].culprit}
    assert twins == {incident}


def until_it_waits(watch: "subprocess.Popen[str]") -> tuple[list[CycleReport], str]:
    """Read a watch's cycles up to the first in which an incident waits."""
    assert watch.stdout is not None
    reports = []
    for line in iter(watch.stdout.readline, ""):
        reports.append(CycleReport.model_validate_json(line))
        for brief in briefs(reports[-1]):
            if brief.status is Status.WAITING:
                return reports, brief.id
    pytest.fail(f"no incident waited in {len(reports)} cycles")
