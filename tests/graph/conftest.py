"""What several files go on from: runs that are made once and copied by whoever changes them."""

from dataclasses import replace

import pytest

from console.compose import deciding
from graph.state import CrewState
from guardrails.policy import Policy
from tests.graph.left_behind import acted, acting, asked, no_settings, waiting
from tests.graph.made import Left

__all__ = ["acted", "acting", "asked", "no_settings", "waiting"]  # fixtures of every test here


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
