from pathlib import Path

from guardrails.kill_switch import FILE_NAME, KillSwitch


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
