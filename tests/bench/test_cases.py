"""`python -m bench cases` plays, scores and explains what is wrong with its options."""

import argparse
import json
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.cases import MEASUREMENT, show
from bench.cases.play import play_all
from bench.cases.scores import by_family, scored
from payments.errors import SettingsError
from simulator.cases.baselines import CANARIES, CONTENDERS
from simulator.cases.catalogue import catalogue

ROW = {"name", "reward", "dollars", "regret", "regret_se", "violations", "probes", "brier", "normalised"}


def given(**options: object) -> argparse.Namespace:
    plain = {"seeds": (0, 1), "quick": False, "policies": "nothing,rules", "split": "eval", "model": None}
    return argparse.Namespace(**{**plain, **options})


def test_every_row_has_the_published_keys() -> None:
    result = MEASUREMENT.measure(given())
    rows = result["policies"]
    assert isinstance(rows, list)
    assert [row["name"] for row in rows] == ["nothing", "rules"]
    assert all(row.keys() >= ROW for row in rows)
    json.dumps(result)
    assert "nothing" in show(result)


def test_doing_nothing_scores_what_the_floor_says() -> None:
    runs = list(play_all("nothing", CANARIES["nothing"], range(3), "train"))
    row = scored("nothing", runs, list(play_all("optimal", CONTENDERS["optimal"], range(3), "train")))
    assert row["normalised"] == 0.0


def test_families_are_scored_apart() -> None:
    runs = list(play_all("rules", CONTENDERS["rules"], range(2), "train"))
    rows = by_family({"rules": runs}, list(play_all("optimal", CONTENDERS["optimal"], range(2), "train")))
    assert {row["family"] for row in rows} == {family.name for family in catalogue()}


def test_an_unknown_policy_is_refused_with_the_names_of_all() -> None:
    with pytest.raises(SettingsError, match=r"'luck'.*myopic"):
        MEASUREMENT.measure(given(policies="luck"))


def test_the_command_writes_the_file(tmp_path: Path) -> None:
    file = tmp_path / "cases.json"
    assert main(["cases", "--policies", "rules", "--seeds", "0", "--json", str(file)]) == 0
    assert json.loads(file.read_text(encoding="utf-8"))["policies"][0]["name"] == "rules"


def test_a_model_without_a_server_is_refused() -> None:
    with pytest.raises(SettingsError, match="--base-url"):
        MEASUREMENT.measure(given(model="small", base_url=None))


def test_a_model_server_that_does_not_answer_is_named() -> None:
    with pytest.raises(SettingsError, match=r"127\.0\.0\.1:9/v1"):
        MEASUREMENT.measure(given(model="small", base_url="http://127.0.0.1:9/v1"))
