"""Incidents: what waits for people, what the crew knows of one, the decision, and what came of it."""
