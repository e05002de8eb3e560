"""What a plan is made for, as one value."""

from dataclasses import dataclass, field

from agents.planner.readings import Readings
from payments.diagnosis import Diagnosis
from payments.lesson import Lesson
from payments.route import Route


@dataclass(frozen=True)
class Situation:
    """The diagnosis, what could be done about it with which routes, and what came of it before."""

    diagnosis: Diagnosis
    routes: tuple[Route, ...]
    lessons: tuple[Lesson, ...]
    window_s: float
    """Length of the aggregation window in seconds."""
    total_attempts_per_window: float
    """Attempts of all traffic."""
    readings: Readings = field(default_factory=Readings)
    """Amounts, slowness and declines in the culprit."""
