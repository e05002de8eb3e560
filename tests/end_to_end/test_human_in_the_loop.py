"""An incident that waits, and the people who decide on it from other processes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from console.compose import open_memory
from console.settings import Settings
from graph.report import CycleReport
from payments.action import Reroute
from payments.incident import Incident, Status
from payments.outcome import Effect
from tests.end_to_end.command import ROOT, TIME_LIMIT_S, Command, Finished, briefs

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


def test_of_two_people_who_decide_at_once_exactly_one_wins(waiting: Command) -> None:
    incident = the_waiting(waiting)
    with (
        waiting.start("approve", incident, "--by", "asha") as one,
        waiting.start("reject", incident, "--by", "ben") as other,
    ):
        ended = [Finished(process.wait(TIME_LIMIT_S), *process.communicate()) for process in (one, other)]
    (won,) = (done for done in ended if done.code == 0)
    (lost,) = (done for done in ended if done.code == 2)
    after = shown(waiting, incident)
    assert after.decision is not None
    assert after.decision.by in lost.refusal
    assert (after.decision.type == "approve") == after.executed == (won is ended[0])


def test_a_note_is_kept_and_shown_and_the_next_question_is_answered(waiting: Command) -> None:
    incident = the_waiting(waiting)
    assert "nothing to respond" in waiting.inside("respond", incident, "--by", "asha").refusal
    responded = waiting("respond", incident, "--by", "asha", "--note", "unipay is back")
    assert responded.code == 0, responded.err
    assert f"{incident[:8]} is waiting, question 2" in responded.out
    assert the_waiting(waiting) == incident
    assert "question 2 now" in waiting.inside("approve", incident, "--question", "3").refusal
    assert "decided already: asha" in waiting.inside("approve", incident, "--question", "1").refusal
    page = waiting.inside("show", incident).out
    assert "unipay is back" in page
    assert "Question 2." in page
    assert waiting("approve", incident, "--question", "2", "--by", "asha").code == 0
    history = json.loads(waiting.inside("show", incident, "--json").out)
    assert [(one["question"], one["type"]) for one in history["decisions"]] == [
        (1, "respond"),
        (2, "approve"),
    ]
    assert len(history["interventions"]) == 1
    assert [step["agent"] for step in history["path"]][-2:] == ["risk_officer", "act"]


def test_ignoring_leaves_no_lesson(waiting: Command) -> None:
    incident = the_waiting(waiting)
    assert waiting("ignore", incident, "--by", "asha").code == 0
    assert shown(waiting, incident).status is Status.WATCHED
    assert json.loads(waiting.inside("lessons", "--json").out) == []


def test_a_note_that_is_too_long_is_refused_with_its_length(waiting: Command) -> None:
    incident = the_waiting(waiting)
    refusal = waiting.inside("reject", incident, "--note", "x" * 1_001).refusal
    assert "the note has 1,001 characters, at most 1,000 are kept" in refusal
    assert the_waiting(waiting) == incident


def test_a_deciding_process_that_was_killed_blocks_nobody(waiting: Command) -> None:
    incident = the_waiting(waiting)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(waiting.state), incident],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holds\n"
        blocked = waiting.inside("reject", incident, "--by", "asha").refusal
        assert f":{holder.pid}' until" in blocked
        holder.kill()
    handed_on = waiting.inside("reject", incident, "--by", "ben").refusal
    assert "asha chose to reject" in handed_on
    assert "is carried out now: asha rejected the proposal" in handed_on
    assert shown(waiting, incident).status is Status.WATCHED


HOLDER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from console.compose import open_memory
from console.settings import Settings
from memory.holders import this_process

with open_memory(Settings(state_dir=Path(sys.argv[1]))) as memory:
    with memory.incidents.lease(sys.argv[2], this_process(), 30.0, datetime.now(UTC)):
        print("holds", flush=True)
        time.sleep(600)
"""
"""A process that is at work on an incident until it is killed."""


def test_the_report_says_what_was_asked_and_decided(waiting: Command) -> None:
    incident = the_waiting(waiting)
    assert "people asked" in waiting.inside("report").out
    assert waiting.inside("reject", incident, "--by", "asha").code == 0
    (account,) = json.loads(waiting("report", "--since", "7d", "--json").out)["accounts"]
    assert (account["mode"], account["incidents"], account["saved"]) == ("autopilot", 1, None)
    assert account["asked"]["answers"] == {"reject": 1}
    assert account["asked"]["by"] == {"asha": 1}
    assert "such as 7d" in waiting.inside("report", "--since", "soon").refusal


def test_nothing_to_report_is_said_and_is_no_failure(run: Command) -> None:
    done = run("report")
    assert (done.code, done.out) == (0, "Nothing to report: no incident was ruled on.\n")


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
