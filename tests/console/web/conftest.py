"""Incidents that wait and actions in force, and the console on them."""

import pytest
from fastapi import FastAPI

from tests.console.web.visits import Visitor, console_of
from tests.graph.left_behind import acted, acting, asked, no_settings, waiting
from tests.graph.made import Left

__all__ = ["acted", "acting", "asked", "no_settings", "waiting"]  # fixtures of every test here


@pytest.fixture
def app(waiting: Left) -> FastAPI:
    """Open the console on what waits."""
    return console_of(waiting.settings)


@pytest.fixture
def asha(app: FastAPI) -> Visitor:
    """Let an approver in."""
    return Visitor(app)
