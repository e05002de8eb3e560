"""What was seen of an action is on its record: a minute late at most, and in full when it ends or changes."""

from dataclasses import dataclass

import pytest

from console.settings import Settings
from graph.settling import ACTING_KEPT_EVERY
from payments.intervention import Intervention
from payments.verdict import Mode
from tests.graph.made import crew, only_incident, until, world

TICK_S = 5.0


@dataclass(frozen=True)
class Kept:
    """What was on record of an action in force."""

    behind_s: tuple[float, ...]
    """How much was missing after each increment."""
    ended: tuple[Intervention, ...]
    """Those that another step took the place of."""


@pytest.fixture(scope="module")
def kept(no_settings: None, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    settings = Settings(state_dir=tmp_path_factory.mktemp("kept") / "state", mode=Mode.AUTOPILOT)
    live = world("psp_outage", settings)
    behind_s = []
    with crew(live, settings) as duty:
        known = duty.services.incidents
        until(duty, lambda _: known.active_interventions())
        for _ in range(40):
            duty.cycle()
            (action,) = known.active_interventions()
            in_force_s = (live.now - (action.begun_at or action.started_at)).total_seconds()
            behind_s.append(in_force_s - seen_s(action))
        ended = tuple(one for one in known.interventions(only_incident(duty).id) if one.ended_at)
    return Kept(tuple(behind_s), ended)


def seen_s(action: Intervention) -> float:
    return sum(stretch.seconds for stretch in action.seen)


def test_the_record_of_an_action_in_force_is_a_minute_old_at_most(kept: Kept) -> None:
    # The increment in which each step began is in force for a part only, and is not counted.
    assert max(kept.behind_s) <= ACTING_KEPT_EVERY.total_seconds() + TICK_S * (1 + len(kept.ended))


def test_the_record_of_a_step_that_is_over_lacks_nothing(kept: Kept) -> None:
    assert kept.ended
    for number, one in enumerate(kept.ended, start=1):
        assert one.ended_at is not None
        in_force_s = (one.ended_at - (one.begun_at or one.started_at)).total_seconds()
        assert seen_s(one) >= in_force_s - TICK_S * number
