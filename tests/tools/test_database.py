"""Opening the database."""

from pathlib import Path

import pytest
from sqlalchemy import text

from payments.errors import SettingsError
from tools.database import open_database


def test_a_path_and_a_url_open_the_same_file_in_wal_mode(tmp_path: Path) -> None:
    path = tmp_path / "state" / "a?b%.db"
    engine = open_database(path)
    with engine.begin() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA busy_timeout")) == 10_000
        connection.execute(text("CREATE TABLE a (b INTEGER)"))
    engine.dispose()
    assert path.exists()


@pytest.mark.parametrize("where", ["nosuch://user:secret@host/db", "sqlite:////no/such/folder/a.db", "://"])
def test_what_cannot_be_opened_is_a_settings_error_without_the_password(where: str) -> None:
    with pytest.raises(SettingsError) as caught:
        open_database(where)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_a_settings_error(tmp_path: Path) -> None:
    path = tmp_path / "payops.db"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(SettingsError, match="not a database"):
        open_database(path)
