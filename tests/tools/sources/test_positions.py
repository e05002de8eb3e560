"""How far a feed was read outlives the process, on SQLite and on PostgreSQL."""

from sqlalchemy import Engine

from tools.sources.stream.position import SqlPositions


def test_each_feed_has_its_own_position(engine: Engine) -> None:
    positions = SqlPositions(engine)
    assert positions.get("a") is None
    positions.keep("a", 1)
    positions.keep("b", 5)
    positions.keep("a", 1_795_255_200_000_000)
    assert positions.get("a") == 1_795_255_200_000_000
    assert SqlPositions(engine).get("b") == 5
