"""Proposes exactly one action, with what it should bring."""

from agents.planner.planner import Planner
from agents.planner.settings import PlannerSettings

__all__ = ["Planner", "PlannerSettings"]
