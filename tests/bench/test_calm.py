"""Days on which nothing must be done."""

import pytest

from bench.calm import summarise
from bench.calm.day import QUIET, TRAPS, Day, live, plans


def a_day(seed: int, did: tuple[str, ...] = (), payments_lost: int = 0) -> Day:
    return Day(seed, QUIET, 1_000, len(did), 0, 0, did, payments_lost)


def test_every_other_day_is_quiet_and_the_others_take_all_six_traps_in_turn() -> None:
    names = [name for _, name in plans(range(24))]
    assert names[::2] == [QUIET] * 12
    assert names[1::2] == [*TRAPS, *TRAPS]
    assert set(TRAPS) == {
        "code_mix_drift",
        "holiday_surge",
        "low_volume_noise",
        "planned_maintenance",
        "settlement_cutover",
        "user_mix",
    }


def test_an_action_is_harmful_when_fewer_payments_succeeded_than_without_the_crew() -> None:
    days = [a_day(0), a_day(1, ("one",), payments_lost=5), a_day(2, ("two", "three"), payments_lost=-7)]
    result = summarise(days, hours=24.0)
    assert (result["days"], result["actions"], result["harmful_actions"]) == (3.0, 3, 1)
    assert result["payments_lost"] == 5
    assert result["actions_per_week"] == pytest.approx(7.0)


def test_a_shorter_day_counts_as_a_part_of_one() -> None:
    assert summarise([a_day(0), a_day(1)], hours=3.0)["days"] == pytest.approx(0.25)


@pytest.mark.slow
def test_the_crew_lives_through_a_trap_without_touching_traffic() -> None:
    day = live((1, "user_mix"), tick_s=60.0, hours=3.0)
    assert day.payments > 100_000
    assert (day.actions, day.payments_lost) == (0, 0)
