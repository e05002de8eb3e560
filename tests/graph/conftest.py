"""What several files go on from: runs that are made once and copied by whoever changes them."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.compose import deciding
from graph.state import CrewState
from guardrails.policy import Policy
from tests.graph.made import Left, left_asking


@pytest.fixture(scope="session")
def no_settings() -> Iterator[None]:
    """Take the shell's settings away before anything shared is made."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PAYOPS_")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def asked(no_settings: None, tmp_path_factory: pytest.TempPathFactory) -> Left:
    """Leave a question behind."""
    return left_asking(tmp_path_factory.mktemp("asked") / "state")


@pytest.fixture
def waiting(asked: Left, tmp_path: Path) -> Left:
    """Give a test a copy of its own of what waits for a human."""
    return asked.copied(tmp_path / "copied")


@pytest.fixture(scope="session")
def asked_state(asked: Left) -> CrewState:
    """Give the state of the run that waits, as it was checkpointed."""
    with deciding(asked.feed, asked.settings) as runs:
        return runs.state(asked.incident_id)


@pytest.fixture
def guarded(waiting: Left) -> Left:
    """Let two people be needed for what waits."""
    careful = waiting.settings.model_copy(update={"guardrails": Policy(four_eyes_above_share=0.001)})
    return replace(waiting, settings=careful)
