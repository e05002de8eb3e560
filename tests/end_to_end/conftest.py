"""Commands with a state folder, fresh or with an incident that waits."""

import shutil
from pathlib import Path

import pytest

from tests.end_to_end.command import Command

ASKS_ALWAYS = "1.0"
"""No diagnosis is certain, so at this threshold every action waits for a human."""


@pytest.fixture
def run(state_dir: Path) -> Command:
    """Give `run.py` with an empty state folder."""
    return Command(state_dir)


@pytest.fixture(scope="session")
def waiting_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the state folder of a watch that has ended while its incident waits; to be copied, not used."""
    state = tmp_path_factory.mktemp("waiting") / "state"
    asks = Command(state).having(PAYOPS_CONFIDENCE_THRESHOLD=ASKS_ALWAYS)
    assert asks("watch", "--seed", "7", "--cycles", "16", "--json").code == 0
    return state


@pytest.fixture
def waiting(waiting_state: Path, state_dir: Path) -> Command:
    """Give `run.py` with one waiting incident."""
    shutil.copytree(waiting_state, state_dir)
    return Command(state_dir).having(PAYOPS_CONFIDENCE_THRESHOLD=ASKS_ALWAYS)
