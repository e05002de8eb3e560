"""Measurements as commands: `python -m bench NAME [options] --json FILE`."""
