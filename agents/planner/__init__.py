"""Proposes exactly one action, with what it should bring."""

from agents.planner.planner import Planner
from agents.planner.readings import Readings
from agents.planner.settings import PlannerSettings
from agents.planner.situation import Situation

__all__ = ["Planner", "PlannerSettings", "Readings", "Situation"]
