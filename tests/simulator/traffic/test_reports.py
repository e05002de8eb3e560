"""Increments are counted and not checked: they must be such that every check would pass."""

from itertools import islice

import numpy as np
import pytest

from payments.window import Window
from simulator.traffic.stage import Stage


@pytest.mark.parametrize("scenario", ["quiet", "psp_outage", "retry_storm", "webhook_lag"])
def test_an_increment_of_the_world_would_pass_every_check(scenario: str) -> None:
    stage = Stage(scenario, 3)
    windows = [*islice(stage.history(), 3), *(stage.step() for _ in range(20))]
    for window in windows:
        fields = {name: getattr(window, name) for name in Window.model_fields}
        checked = Window(**fields)
        for name, value in fields.items():
            again = getattr(checked, name)
            assert type(again) is type(value)
            assert np.array_equal(again, value) if isinstance(value, np.ndarray) else again == value
