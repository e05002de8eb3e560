"""A database and a store that are the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from memory.incidents import IncidentStore
from tests.memory.stock import database


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with database(tmp_path) as opened:
        yield opened


@pytest.fixture
def store(engine: Engine) -> IncidentStore:
    return IncidentStore(engine)
