"""A monitor that has learned ten quiet minutes of a small feed."""

import pytest

from agents.monitor import Monitor, MonitorSettings
from tests.agents.monitor.traffic import Traffic

LEARNED = 120


@pytest.fixture
def traffic() -> Traffic:
    return Traffic()


@pytest.fixture
def monitor(traffic: Traffic) -> Monitor:
    made = Monitor(MonitorSettings())
    for _ in range(LEARNED):
        made.learn(traffic.next())
    return made
