"""What the tests with real components share."""

from pathlib import Path

import pytest

from tests.end_to_end.command import Command


@pytest.fixture
def run(state_dir: Path) -> Command:
    """Give `run.py` with an empty state folder."""
    return Command(state_dir)
