"""The person beside the copilot."""

from datetime import datetime
from pathlib import Path

import numpy as np

from bench.crew.play.person import RIGHT_SHARE, Person, Question
from console.settings import Settings
from payments.action import Action


def nobody_asks(_action: Action, _at: datetime) -> bool:
    return True


def test_answers_are_right_as_often_as_they_say_and_the_same_each_time(tmp_path: Path) -> None:
    def answers() -> list[bool]:
        people = [
            Person(Settings(state_dir=tmp_path), seed, nobody_asks, present=True) for seed in range(400)
        ]
        careful = []
        for person in people:
            for incident in ("first", "second"):
                person.order.append(incident)
            careful += [person.is_careful(Question(incident, 1)) for incident in ("first", "second")]
        return careful

    once = answers()
    assert abs(float(np.mean(once)) - RIGHT_SHARE) < 0.03
    assert answers() == once
