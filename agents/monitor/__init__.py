"""The monitor: says when traffic departs from its learned baseline, where it shows and since when."""

from agents.monitor.engine import Monitor
from agents.monitor.pasted import compare_within
from agents.monitor.settings import MonitorSettings

__all__ = ["Monitor", "MonitorSettings", "compare_within"]
