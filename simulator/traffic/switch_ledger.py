"""What a switchboard really did: one line an effect, written with it or not at all, and never changed."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

Event = Literal["began", "ended", "lapsed", "cleared"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS ledger (
    number INTEGER PRIMARY KEY, event TEXT NOT NULL, key TEXT NOT NULL, at TEXT NOT NULL, action TEXT NOT NULL
);
CREATE TRIGGER IF NOT EXISTS ledger_began AFTER INSERT ON switches BEGIN
    INSERT INTO ledger (event, key, at, action) VALUES ('began', NEW.key, NEW.effective_at, NEW.action);
END;
CREATE TRIGGER IF NOT EXISTS ledger_ended AFTER UPDATE OF reverted ON switches
    WHEN NEW.reverted <> 0 AND OLD.reverted = 0 AND (SELECT now FROM world) < NEW.expires_at BEGIN
    INSERT INTO ledger (event, key, at, action)
    VALUES ('ended', NEW.key, (SELECT now FROM world), NEW.action);
END;
CREATE TRIGGER IF NOT EXISTS ledger_lapsed BEFORE UPDATE OF reverted ON switches
    WHEN OLD.reverted = 0 AND (SELECT now FROM world) >= OLD.expires_at
    AND NOT EXISTS (SELECT 1 FROM ledger WHERE key = OLD.key AND event = 'lapsed') BEGIN
    INSERT INTO ledger (event, key, at, action) VALUES ('lapsed', OLD.key, OLD.expires_at, OLD.action);
END;
CREATE TRIGGER IF NOT EXISTS ledger_cleared AFTER DELETE ON switches
    WHEN OLD.reverted = 0 AND (SELECT now FROM world) < OLD.expires_at BEGIN
    INSERT INTO ledger (event, key, at, action)
    VALUES ('cleared', OLD.key, (SELECT now FROM world), OLD.action);
END;
CREATE TRIGGER IF NOT EXISTS ledger_is_not_changed BEFORE UPDATE ON ledger BEGIN
    SELECT RAISE(ABORT, 'the ledger is only added to');
END;
CREATE TRIGGER IF NOT EXISTS ledger_is_not_shortened BEFORE DELETE ON ledger BEGIN
    SELECT RAISE(ABORT, 'the ledger is only added to');
END;
"""
"""Triggers, so that a line stands in the same transaction as its effect. `number` is never used again."""

_LAPSE = """
INSERT INTO ledger (event, key, at, action)
SELECT 'lapsed', key, expires_at, action FROM switches
WHERE NOT reverted AND expires_at <= (SELECT now FROM world)
AND NOT EXISTS (SELECT 1 FROM ledger WHERE ledger.key = switches.key AND ledger.event = 'lapsed')
"""


class Entry(NamedTuple):
    """One effect."""

    event: Event
    key: str
    at: datetime
    """By the world's clock."""
    action: str
    """As JSON."""


@dataclass(frozen=True)
class Ledger:
    """Reads what was done in the world that uses the same file."""

    path: Path

    def open(self) -> None:
        """Begin the ledger of a switchboard that a world has used; going on with one is the same."""
        with closing(sqlite3.connect(self.path)) as database:
            database.executescript(_SCHEMA)

    def entries(self) -> Sequence[Entry]:
        """Give every effect in its order, with what has lapsed by now."""
        with closing(sqlite3.connect(self.path)) as database:
            with database:
                database.execute(_LAPSE)
            rows = database.execute("SELECT event, key, at, action FROM ledger ORDER BY number").fetchall()
        return [Entry(event, key, datetime.fromisoformat(at), action) for event, key, at, action in rows]
