"""What people see in a terminal: plain text, JSON, a log, a live view and tables."""
