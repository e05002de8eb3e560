"""`python -m bench backtest` on made-up files: what is alarmed, when, why, and what the report says."""

import json
import re
import shlex
from argparse import ArgumentTypeError, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.__main__ import main
from bench.backtest import MEASUREMENT, hours_of, measure
from bench.backtest.timeline import MOST_POINTS, binned
from tests.bench.payments_file import (
    MAP,
    SEGMENT,
    START,
    TICK,
    Outages,
    time_of,
    write_labels,
    write_payments,
)

OUTAGES = Outages()
SEGMENT_VALUES = {"method": "upi", "psp": "beta"}


def given_for(folder: Path, **changes: object) -> Namespace:
    options = {
        "file": folder / "payments.csv",
        "mapping": MAP,
        "incidents": folder / "labels.csv",
        "learn_hours": 24.0,
        "json": str(folder / "out.json"),
    }
    return Namespace(**{**options, **changes})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backtest")
    write_payments(folder / "payments.csv", OUTAGES)
    write_labels(folder / "labels.csv", OUTAGES)
    return folder


@pytest.fixture(scope="module")
def result(folder: Path) -> Mapping[str, Any]:
    return measure(given_for(folder))


def test_the_report_is_json_with_all_keys(result: Mapping[str, Any]) -> None:
    read = json.loads(json.dumps(result))
    assert read.keys() >= {"ticks", "alarms", "alarms_per_day", "labelled"}
    assert (read["ticks"], read["ticks_learned"]) == (288, 144)
    assert read["alarms"][0].keys() >= {
        "at", "segment", "signal", "onset", "excess_failures", "payments_lost", "money_lost_minor", "why"
    }  # fmt: skip
    assert read["labelled"][0].keys() >= {"id", "delay_ticks", "payments_lost"}


def test_each_outage_is_one_alarm_in_its_first_tick(result: Mapping[str, Any]) -> None:
    assert [alarm["label"] for alarm in result["alarms"]] == ["o1", "o2"]
    assert [one["delay_ticks"] for one in result["labelled"]] == [1, 1]
    assert result["alarms_per_day"] == pytest.approx(2.0)
    for alarm, (first, _) in zip(result["alarms"], OUTAGES.at, strict=True):
        assert alarm["onset"] == time_of(first)
        assert alarm["at"] == time_of(first + 1)
        assert alarm["culprit"] == SEGMENT_VALUES


def test_an_incident_that_goes_on_is_not_alarmed_again_and_ends_after_the_outage(
    result: Mapping[str, Any],
) -> None:
    for alarm, (_, last) in zip(result["alarms"], OUTAGES.at, strict=True):
        assert time_of(last) < alarm["ended_at"] <= time_of(last + 6)


def test_losses_until_the_alarm_are_those_of_the_outage(result: Mapping[str, Any]) -> None:
    for one, alarm in zip(result["labelled"], result["alarms"], strict=True):
        assert one["payments_lost"] == pytest.approx(60.0, abs=25.0)  # 120 attempts, half of them lost
        assert alarm["excess_failures"] == pytest.approx(60.0, abs=25.0)
        assert alarm["observed"] > 2.0 * alarm["expected"]


def test_each_alarm_says_which_how_much_and_since_when(result: Mapping[str, Any]) -> None:
    for alarm, (first, _) in zip(result["alarms"], OUTAGES.at, strict=True):
        assert "psp=beta" in alarm["why"]
        assert f"{alarm['observed']:.0f} failures" in alarm["why"]
        assert f"{alarm['expected']:.1f} expected" in alarm["why"]
        assert f"since {START + first * TICK:%Y-%m-%d %H:%M:%S}" in alarm["why"]


def test_people_read_each_alarm_and_each_known_incident(result: Mapping[str, Any]) -> None:
    told = MEASUREMENT.show(result)
    assert "alarms: 2, 2.00 a day" in told
    assert all(alarm["why"] in told for alarm in result["alarms"])
    assert "known incident o1: alarmed in its tick 1" in told
    assert "named exactly" in told


def test_the_timeline_lies_beside_the_numbers(folder: Path, result: Mapping[str, Any]) -> None:
    picture = (folder / "out.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 10_000


def test_known_incidents_are_optional(folder: Path) -> None:
    bare: Mapping[str, Any] = measure(given_for(folder, incidents=None, json=None))
    assert bare["labelled"] == []
    assert len(bare["alarms"]) == 2


def test_what_was_not_alarmed_says_why(tmp_path: Path) -> None:
    write_payments(tmp_path / "payments.csv", Outages(at=(), ticks=180))
    rows = [
        f"learned,{time_of(10)},{time_of(20)},",
        f"quiet,{time_of(150)},{time_of(160)},psp=beta",
        f"outside,{time_of(500)},{time_of(510)},psp=beta",
    ]
    (tmp_path / "labels.csv").write_text("\n".join(["id,start,end,segment", *rows]), encoding="utf-8")
    found: Any = measure(given_for(tmp_path, json=None))["labelled"]
    assert [(one["id"], one["outcome"]) for one in found] == [
        ("learned", "learned"), ("quiet", "missed"), ("outside", "outside")
    ]  # fmt: skip
    assert all(one["delay_ticks"] is None for one in found)
    assert "--learn-hours" in found[0]["why"]
    assert "stayed below the threshold" in found[1]["why"]
    assert "no increment in its time" in found[2]["why"]


def test_a_label_inside_an_open_incident_is_told_to_be_hidden(tmp_path: Path) -> None:
    write_payments(tmp_path / "payments.csv", Outages(at=((150, 180),), ticks=180))
    label = f"id,start,end,segment\nagain,{time_of(160)},{time_of(170)},{SEGMENT}\n"
    (tmp_path / "labels.csv").write_text(label, encoding="utf-8")
    found: Any = measure(given_for(tmp_path, json=None))["labelled"]
    assert [one["outcome"] for one in found] == ["missed"]
    assert "was still open" in found[0]["why"]


def test_the_same_file_gives_the_same_report(folder: Path, result: Mapping[str, Any]) -> None:
    assert measure(given_for(folder, json=None)) == result


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "a day", "1e9", ""])
def test_hours_are_a_number_of_hours(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="number of hours"):
        hours_of(text)


def test_a_file_that_ends_before_the_watch_begins_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["backtest", str(folder / "payments.csv"), "--map", MAP, "--learn-hours", "48"]
    assert main(words) == 2
    assert "spans 48 hours and all of them are learned" in capsys.readouterr().err


def test_the_command_writes_numbers_and_picture(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "result.json"
    words = [
        "backtest",
        str(folder / "payments.csv"),
        "--map",
        MAP,
        "--incidents",
        str(folder / "labels.csv"),
    ]
    assert main([*words, "--json", str(out)]) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["version"]
    assert out.with_suffix(".png").exists()


@given(st.integers(1, 5_000))
def test_a_long_timeline_is_added_up_to_a_readable_number_of_points(ticks: int) -> None:
    times, sums = binned([START + number * TICK for number in range(ticks)], [1.0] * ticks)
    assert len(times) == len(sums) <= MOST_POINTS
    assert sums.sum() == ticks
    assert np.all(np.diff(times) > 0.0)


PAGE = (Path(__file__).parents[2] / "docs" / "backtest.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Give the fenced blocks of the page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


def test_the_example_of_the_page_says_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    payments, known = blocks("csv")
    (tmp_path / "payments.csv").write_text(payments, encoding="utf-8")
    (tmp_path / "known.csv").write_text(known, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (command,), (told,) = blocks("sh"), blocks("text")
    assert main(shlex.split(command)[3:]) == 0
    said = "".join(map(re.escape, re.split(r"(\.\.\.)", told))).replace(r"\.\.\.", ".*?")
    assert re.fullmatch(said, capsys.readouterr().out)
    assert (tmp_path / "result.json").exists()
    assert (tmp_path / "result.png").exists()


@pytest.mark.parametrize("key", ["alarms", "labelled"])
def test_the_page_names_every_key(key: str, result: Mapping[str, Any]) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{key}`"))
    own = {"id", "start", "end", "segment", "attempts"} if key == "labelled" else {"id", "attempts"}
    assert result[key][0].keys() - own <= set(re.findall(r"`(\w+)`", row)), row
