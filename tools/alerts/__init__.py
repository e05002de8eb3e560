"""Where people are told: the terminal, a JSONL file, or several at once."""
