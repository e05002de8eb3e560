"""Says what may happen: compares a plan with every guardrail."""

from agents.risk_officer.officer import RiskOfficer

__all__ = ["RiskOfficer"]
