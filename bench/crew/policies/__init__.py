"""Who may look after the payments in the benchmark: what teams use today, and an oracle as the ceiling."""
