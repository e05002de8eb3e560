"""A measurement that is stopped goes on from what it has played."""

from pathlib import Path

import pytest

from bench.crew.kept import Kept
from bench.crew.played import AUTOPILOT, NOTHING, Act, Deeds, Said, Task
from payments.action import ActionKind
from payments.errors import InputError
from tests.bench.crew.made_up import played


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "crew.episodes.jsonl", "drawn")


def test_an_episode_comes_back_as_it_was(kept: Kept) -> None:
    acts = (Act(ActionKind.REROUTE, "psp=alpha", 40.0, right=True, lost=None),)
    said = (Said("psp_outage", 20.0, 0.9, category_right=True, culprit_right=False, meets=True),)
    one = played(Task("gray", 3, AUTOPILOT), 10, Deeds(12.5, acts, said, questions=2))
    twin = played(Task("gray", 3, NOTHING, quiet=True), 0)
    kept.add(one)
    kept.add(twin)
    assert kept.played() == {one.task: one, twin.task: twin}


def test_what_other_episodes_or_other_code_played_is_left_out(kept: Kept) -> None:
    kept.add(played(Task("gray", 3, NOTHING), 0))
    assert kept.file is not None
    assert not Kept(kept.file, "a scenario file").played()
    text = kept.file.read_text(encoding="utf-8")
    kept.file.write_text(text.replace('"code": "', '"code": "0'), encoding="utf-8")
    assert not kept.played()


def test_only_a_resumed_measurement_goes_on(kept: Kept) -> None:
    kept.add(played(Task("gray", 3, NOTHING), 0))
    kept.begin(resume=True)
    assert len(kept.played()) == 1
    kept.begin(resume=False)
    assert not kept.played()


@pytest.mark.parametrize(
    "line", ["{", "[]", "{}", '{"played": 3}', '{"played": {"task": ["a", 1, "b", false]}}']
)
def test_a_line_that_is_no_episode_is_named(kept: Kept, line: str) -> None:
    kept.add(played(Task("gray", 3, NOTHING), 0))
    assert kept.file is not None
    with kept.file.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(InputError, match="line 2 is no played episode"):
        kept.played()


def test_without_a_file_nothing_is_kept() -> None:
    nowhere = Kept(None, "drawn")
    nowhere.begin(resume=False)
    nowhere.add(played(Task("gray", 3, NOTHING), 0))
    assert not nowhere.played()
