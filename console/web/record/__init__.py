"""What the crew did over time, and the log that nobody can change unseen."""
