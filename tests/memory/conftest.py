"""A database and a store that are the test's own."""

import pytest
from sqlalchemy import Engine

from memory.incidents import IncidentStore
from tests.integration.databases import engine, where

__all__ = ["engine", "where"]


@pytest.fixture
def store(engine: Engine) -> IncidentStore:
    return IncidentStore(engine)
