"""`run.py kill` and `run.py audit`: one hand stops the crew, and nobody changes the record unseen."""

import json
import shutil
from pathlib import Path

import pytest

from tests.end_to_end.command import Command

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.fixture(scope="module")
def acted_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Let the crew act once; give the folder of what it left."""
    run = Command(tmp_path_factory.mktemp("acted") / "state")
    done = run("watch", "--scenario", "psp_outage", "--seed", "7", "--cycles", "30", "--json")
    assert done.code == 0, done.err
    return run.state


@pytest.fixture
def acted(acted_once: Path, tmp_path: Path) -> Command:
    """Give a copy of that folder, which a test may change."""
    return Command(shutil.copytree(acted_once, tmp_path / "state"))


def test_what_the_crew_did_is_on_record_with_its_grounds_and_its_policy(acted: Command) -> None:
    records = json.loads(acted.inside("audit", "--json").out)
    assert [record["event"] for record in records][:3] == ["proposed", "ruled", "acted"]
    ruled, done = records[1:3]
    assert {check["name"] for check in ruled["inputs"]["verdict"]["checks"]} > {"confidence", "four_eyes"}
    assert ruled["policy"].startswith("1:")
    assert done["revert_handle"] == f"{done['incident_id']}:1"


def test_an_action_is_taken_back_under_a_name_and_the_record_keeps_it(acted: Command) -> None:
    incident = str(json.loads(acted.inside("audit", "--json").out)[0]["incident_id"])
    done = acted.inside("undo", incident[:8], "--by", "asha", "--note", "a drill")
    assert done.code == 0, done.err
    assert done.out.startswith(f"{incident[:8]} is watched: asha undid it: a drill; undone.")
    reverted = [one for one in json.loads(acted.inside("audit", "--json").out) if one["event"] == "reverted"]
    assert [one["actor"] for one in reverted] == ["asha"]
    assert "nothing is in force" in acted("undo", incident, "--by", "ravi").refusal


def test_a_sound_record_verifies_and_a_changed_one_names_its_line(acted: Command) -> None:
    assert acted.inside("audit", "--verify").code == 0
    file = acted.state / "audit.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([lines[0], lines[1].replace(b'"act"', b'"ask"'), *lines[2:]]))
    found = acted.inside("audit", "--verify")
    assert found.code == 1
    assert found.out.startswith("Line 2 is not as it was written: it was changed")


@pytest.mark.parametrize("by", ["file", "setting"])
def test_the_kill_switch_lets_nothing_happen(by: str, run: Command) -> None:
    if by == "file":
        assert run.inside("kill", "on", "--by", "asha", "--note", "calm").code == 0
    stopped = run if by == "file" else run.having(PAYOPS_KILL="1")
    done = stopped("watch", "--scenario", "psp_outage", "--seed", "7", "--until-incident", "--json")
    assert done.code == 0, done.err
    events = [record["event"] for record in json.loads(run.inside("audit", "--json").out)]
    assert "ruled" in events
    assert "acted" not in events
    assert "kill switch is on" in stopped.inside("kill").out


def test_shadow_mode_records_what_it_would_do_and_touches_nothing(run: Command) -> None:
    shadow = run.having(PAYOPS_MODE="shadow")
    done = shadow("watch", "--scenario", "psp_outage", "--seed", "7", "--cycles", "30", "--json")
    assert done.code == 0, done.err
    written = [json.loads(line) for line in (run.state / "shadow.jsonl").read_bytes().splitlines()]
    assert written[0]["action"]["kind"] == "reroute_traffic"
    assert json.loads(shadow.inside("inbox", "--json").out) == []
    (incident_id, _) = written[0]["key"].split(":")
    page = " ".join(shadow.inside("show", incident_id).out.split())
    assert "reroute_traffic only recorded" in page
    assert "nothing was moved" in page


def test_copilot_mode_asks_before_each_action(run: Command) -> None:
    copilot = run.having(PAYOPS_MODE="copilot")
    copilot("watch", "--scenario", "psp_outage", "--seed", "7", "--until-incident", "--json")
    (waiting,) = json.loads(copilot.inside("inbox", "--json").out)
    assert [check["name"] for check in waiting["verdict"]["checks"] if not check["passed"]] == ["mode"]
    done = copilot.inside("approve", waiting["id"], "--by", "asha")
    assert done.code == 0, done.err
    events = [record["event"] for record in json.loads(copilot.inside("audit", "--json").out)]
    assert events[-2:] == ["ruled", "acted"]
