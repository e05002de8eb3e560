"""`python -m bench crew` plays, keeps, compares and reports."""

import json
import shutil
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.crew import POLICIES
from bench.crew.play.playing import Script
from bench.crew.played import NOTHING, Task
from simulator.traffic.episodes import KINDS

ROOT = Path(__file__).parents[3]
FILE = ROOT / "docs" / "scenarios" / "flash_sale.yaml"


def test_every_episode_is_played_by_every_policy_and_routers_also_without_the_fault() -> None:
    tasks = Script().tasks((0, 1), ("nothing", "oracle", "thompson"))
    of_seed_0 = [task for task in tasks if task.seed == 0]
    assert of_seed_0 == [
        Task(KINDS[0], 0, "nothing"),
        Task(KINDS[0], 0, "oracle"),
        Task(KINDS[0], 0, "thompson"),
        Task(KINDS[0], 0, "nothing", quiet=True),
        Task(KINDS[0], 0, "thompson", quiet=True),
    ]
    assert len(tasks) == 2 * len(of_seed_0)


def test_without_routers_no_twin_is_played() -> None:
    assert not any(task.quiet for task in Script().tasks((3,), ("nothing", "oracle", "crew_autopilot")))


def test_the_seeds_of_a_cycle_play_every_kind() -> None:
    tasks = Script().tasks(range(100, 100 + len(KINDS)), (NOTHING,))
    assert {task.drawn for task in tasks} == set(KINDS)


def test_a_quiet_twin_is_the_same_world_without_the_fault() -> None:
    script = Script()
    struck, quiet = (script.scenario(Task("psp_outage", 2, NOTHING, quiet)) for quiet in (False, True))
    assert quiet.world == struck.world


def test_a_scenario_file_is_its_only_kind() -> None:
    script = Script(FILE)
    assert {task.drawn for task in script.tasks((0, 1), (NOTHING,))} == {"flash_sale"}
    assert script.digest != Script().digest


@pytest.mark.slow
def test_a_result_has_the_published_keys_and_goes_on_from_what_was_played(tmp_path: Path) -> None:
    scenario, result, html = tmp_path / "mine.yaml", tmp_path / "worth.json", tmp_path / "worth.html"
    shutil.copy(FILE, scenario)
    words = ["crew", "--quick", "--seeds", "0", "--scenario", str(scenario), "--policies", "fixed_rules"]
    words += ["--jobs", "1", "--json", str(result), "--html", str(html)]
    assert main(words) == 0
    first = json.loads(result.read_text(encoding="utf-8"))
    keys = {"episodes", "policies", "per_signature", "traps", "seconds_per_episode", "seeds", "machine"}
    assert first.keys() >= keys
    assert [policy["name"] for policy in first["policies"]] == ["nothing", "oracle", "fixed_rules"]
    assert "<svg" in html.read_text(encoding="utf-8")
    kept = (tmp_path / "worth.episodes.jsonl").read_text(encoding="utf-8")
    assert main([*words, "--resume"]) == 0
    assert (tmp_path / "worth.episodes.jsonl").read_text(encoding="utf-8") == kept
    again = json.loads(result.read_text(encoding="utf-8"))
    assert again["policies"] == first["policies"]


def test_a_policy_that_does_not_exist_is_refused_with_those_that_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["crew", "--policies", "magic"])
    said = capsys.readouterr().err
    assert all(name in said for name in POLICIES)


def test_a_result_file_that_is_none_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    assert main(["crew", "--table", str(tmp_path / "other.json")]) == 2
    assert "is no result of" in capsys.readouterr().err
