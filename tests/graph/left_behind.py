"""Fixtures: what a crew left behind, made once and copied by whoever changes it. A conftest imports them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.graph.made import Left, left_acting, left_asking


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


@pytest.fixture(scope="session")
def acted(no_settings: None, tmp_path_factory: pytest.TempPathFactory) -> Left:
    """Leave an action in force behind."""
    return left_acting(tmp_path_factory.mktemp("acted") / "state")


@pytest.fixture
def waiting(asked: Left, tmp_path: Path) -> Left:
    """Give a test a copy of its own of what waits for a human."""
    return asked.copied(tmp_path / "waiting")


@pytest.fixture
def acting(acted: Left, tmp_path: Path) -> Left:
    """Give a test a copy of its own of an action in force."""
    return acted.copied(tmp_path / "acting")
