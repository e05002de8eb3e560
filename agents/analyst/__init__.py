"""Says where a change lies, what caused it and how sure that is."""

from agents.analyst.analyst import Analyst
from agents.analyst.settings import AnalystSettings

__all__ = ["Analyst", "AnalystSettings"]
