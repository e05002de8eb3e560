"""Who thinks: one folder a role; pure decisions, values in, values out."""
