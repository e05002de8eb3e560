"""The switch that stops every write."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from guardrails.kill_switch import FILE_NAME, KillSwitch

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_the_switch_is_off_without_the_file_or_the_folder(tmp_path: Path) -> None:
    assert not KillSwitch(tmp_path).is_on()
    assert not KillSwitch(tmp_path / "absent").is_on()


def test_the_file_turns_it_on_and_its_removal_off_again(tmp_path: Path) -> None:
    switch, file = KillSwitch(tmp_path), tmp_path / FILE_NAME
    file.touch()
    assert switch.is_on()
    file.unlink()
    assert not switch.is_on()


def test_a_folder_that_cannot_be_looked_into_counts_as_on(tmp_path: Path) -> None:
    too_long = tmp_path / ("x" * 5000)
    assert KillSwitch(too_long).is_on()


def test_turning_it_on_makes_the_folder_and_says_who_when_and_why(tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path / "state")
    switch.turn_on("asha", "the bank asks for calm", AT)
    assert switch.is_on()
    assert "asha turned it on at 2026-03-02 12:00:00 UTC (the bank asks for calm)" in switch.words()


def test_turning_it_off_twice_is_as_good_as_once(tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path)
    switch.turn_on("asha", "", AT)
    assert "no reason given" in switch.words()
    switch.turn_off()
    switch.turn_off()
    assert switch.words() == "The kill switch is off."


def test_a_setting_holds_it_whatever_becomes_of_the_file(tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path, held=True)
    switch.turn_off()
    assert switch.is_on()
    assert "PAYOPS_KILL" in switch.words()


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"by": 1}', '"stop"'])
def test_a_file_that_says_nothing_is_a_switch_all_the_same(text: str, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    assert KillSwitch(tmp_path).is_on()
    assert "is there" in KillSwitch(tmp_path).words()


def test_what_cannot_be_read_is_a_switch_all_the_same(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    assert "is there" in KillSwitch(tmp_path).words()
    not_a_folder = tmp_path / ("x" * 300)  # a name that the system refuses to look up
    assert KillSwitch(not_a_folder).is_on()
    assert "is there" in KillSwitch(not_a_folder).words()
