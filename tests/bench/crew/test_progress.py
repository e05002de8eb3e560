"""How far a long measurement is."""

import pytest

from bench.crew.progress import told


def test_every_item_is_passed_on_and_the_last_one_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(told(iter("abc"), 5, str.upper, already=2)) == ["a", "b", "c"]
    assert capsys.readouterr().err == "5 of 5, C\n"


def test_nothing_is_said_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(told(iter(""), 2, str.upper, already=2)) == []
    assert capsys.readouterr().err == ""
