"""Worlds to act in: traffic/ is the closed loop of payments."""
