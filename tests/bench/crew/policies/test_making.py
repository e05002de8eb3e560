"""Policies by name."""

from collections.abc import Callable

import pytest

from bench.crew.policies.making import ALWAYS_ON, NAMES, make
from bench.crew.policies.policy import Move
from payments.errors import NotFoundError
from simulator.traffic.scenario import Scenario
from simulator.traffic.stage import Stage


@pytest.mark.parametrize("name", NAMES)
def test_each_name_makes_a_policy_of_that_name_that_plays(
    name: str, fault: Callable[[str], Scenario], play: Callable[..., tuple[list[Move], Stage]]
) -> None:
    moves, stage = play(fault("psp_outage"), lambda on: make(name, on.topology, on.truth, 5), 3)
    policy = make(name, stage.topology, stage.truth, 5)
    assert policy.name == name
    assert (moves[1].routing is not None) == (name in ALWAYS_ON)


def test_an_unknown_name_is_answered_with_those_there_are(fault: Callable[[str], Scenario]) -> None:
    stage = Stage(fault("quiet"), 5)
    with pytest.raises(NotFoundError, match=r"no policy 'magic'; there are nothing, oracle"):
        make("magic", stage.topology, stage.truth, 5)
