"""A crew at work on a simulated world, cycle by cycle, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager

from console.compose import on_duty
from console.settings import Settings
from console.worlds import open_simulation
from graph.duty import Duty


@contextmanager
def working(scenario: str, seed: int, settings: Settings) -> Iterator[Duty]:
    """Put a crew on duty that has learned what is normal."""
    with on_duty(open_simulation(scenario, seed, settings), settings, tell_people=False) as duty:
        for _ in duty.learn_history():
            pass
        yield duty
