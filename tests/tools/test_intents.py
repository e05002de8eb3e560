"""The table behind the outbox: today's shape, whatever shape it is found in."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tools.database import open_database
from tools.intents import Intents

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EARLIER = """
CREATE TABLE outbox (key VARCHAR(200) PRIMARY KEY, incident_id VARCHAR(64) NOT NULL,
    actuator VARCHAR(64) NOT NULL, action TEXT NOT NULL, expires_after_s FLOAT NOT NULL,
    state VARCHAR(16) NOT NULL, intended_at VARCHAR(40) NOT NULL, receipt TEXT, error TEXT,
    revert_because TEXT, updated_at VARCHAR(40) NOT NULL)
"""
AN_INTENT = "INSERT INTO outbox VALUES ('i:1', 'i', 'simulator', '{}', 900, 'done', 'a', '{}', '', '', 'a')"


@pytest.fixture
def earlier(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path / "payops.db")
    with engine.begin() as connection:
        connection.execute(text(EARLIER))
        connection.execute(text(AN_INTENT))
    yield engine
    engine.dispose()


def intents(engine: Engine) -> Intents:
    made = Intents(engine, lambda: NOW)
    made.make_table()
    return made


def test_a_table_from_before_steps_is_brought_to_todays_shape_and_keeps_its_intents(earlier: Engine) -> None:
    (row,) = intents(earlier).line("i:1")
    assert (row.incident_id, row.state, row.replaces) == ("i", "done", None)


def test_of_many_that_open_an_older_table_at_once_none_fails(earlier: Engine) -> None:
    with ThreadPoolExecutor(4) as threads:
        lines = list(threads.map(lambda _: intents(earlier).line("i:1"), range(8)))
    assert [len(line) for line in lines] == [1] * 8


def test_making_the_table_again_changes_nothing(earlier: Engine) -> None:
    intents(earlier)
    assert intents(earlier).count("i") == 1
