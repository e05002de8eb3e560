"""Situations made up for tests: by default a PSP outage with three healthy routes beside it."""

from agents.planner import Readings, Situation
from payments.diagnosis import Diagnosis
from payments.lesson import Lesson
from payments.route import Route
from tests.payments.made import ROUTES, TOTAL, WINDOW_S, diagnosis


def situation(
    said: Diagnosis | None = None,
    routes: tuple[Route, ...] = ROUTES,
    lessons: tuple[Lesson, ...] = (),
    readings: Readings | None = None,
    window_s: float = WINDOW_S,
    total: float = TOTAL,
) -> Situation:
    """Make a situation."""
    return Situation(said or diagnosis(), routes, lessons, window_s, total, readings or Readings())
