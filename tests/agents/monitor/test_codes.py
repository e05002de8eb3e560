"""Groups of codes: seen before the failures are, unless the failures only change their names."""

import numpy as np

from agents.monitor import Monitor, MonitorSettings
from payments.observation import Observation
from payments.window import Window
from tests.agents.monitor.traffic import CODES, Traffic

RISK = "59"


def with_codes(window: Window, rng: np.random.Generator, extra: float, renamed: float) -> Window:
    """Add failures of a code as a share of the successes, and rename a share of the failures to it."""
    assert window.failures_by_code is not None
    more = rng.binomial(window.successes, extra)
    moved = rng.binomial(window.failures_by_code, renamed)
    table = np.column_stack([window.failures_by_code - moved, moved.sum(axis=1) + more])
    changed = {"codes": (*CODES, RISK), "failures_by_code": table, "successes": window.successes - more}
    return Window.model_validate({**dict(window), **changed})


def watched(extra: float, renamed: float, ticks: int) -> list[Observation]:
    traffic, monitor, rng = Traffic(), Monitor(MonitorSettings()), np.random.default_rng(4)
    for _ in range(180):
        monitor.learn(with_codes(traffic.next(), rng, 0.005, 0.0))
    return [monitor.observe(with_codes(traffic.next(), rng, extra, renamed)) for _ in range(ticks)]


def test_a_code_that_grows_alarms_by_its_group_before_all_failures_do() -> None:
    found = next(seen.finding for seen in watched(0.03, 0.0, 30) if seen.finding)
    assert (found.signals[0].kind, found.signals[0].detail) == ("codes", "risk")
    assert found.signals[0].observed > 3 * found.signals[0].expected


def test_failures_under_another_name_are_no_alarm() -> None:
    assert not [seen.finding for seen in watched(0.005, 0.3, 100) if seen.finding]
