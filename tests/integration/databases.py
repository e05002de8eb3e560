"""The databases that the stores must behave alike on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tools.database import open_database

POSTGRESQL = pytest.param(
    "postgresql", marks=[pytest.mark.integration, pytest.mark.xdist_group("postgresql")], id="postgresql"
)
DATABASES = ["sqlite", POSTGRESQL]


@pytest.fixture(params=DATABASES)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Name an empty database of each kind in turn."""
    if request.param == "sqlite":
        return tmp_path / "payops.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def engine(where: str | Path) -> Iterator[Engine]:
    """Open the database."""
    engine = open_database(where)
    yield engine
    engine.dispose()
