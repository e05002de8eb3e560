"""How the crew works, told to those who run it: metrics, traces and a log."""
