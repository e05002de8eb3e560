"""A server that cannot be used is refused at the start: one sentence, what to fix, and never the password."""

import sys
from collections.abc import Iterator

import pytest

from console.settings import load_settings
from memory.incidents import IncidentStore
from memory.tables import SHARED, make_tables
from payments.errors import SettingsError
from tests.end_to_end.command import Command
from tests.integration.postgres import PASSWORD, PostgresServer, free_port
from tests.memory.stock import incident
from tools.database import open_database
from tools.intents import Intents
from tools.postgresql import open_postgresql

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("postgresql")]

BAD = {
    "a wrong password": ({"password": "s3cret"}, "check the user and the password in DATABASE_URL"),
    "an unknown user": ({"user": "stranger", "password": "s3cret"}, "check the user and the password"),
    "an unknown database": ({"database": "nowhere"}, "create the database"),
    "no TLS": ({"query": "?sslmode=require"}, "check sslmode"),
    "no certificate to check": ({"query": "?sslmode=verify-full"}, "sslmode"),
    "an unknown option": ({"query": "?colour=red"}, "correct what stands behind the ?"),
    "no such schema": ({"query": "?options=-csearch_path%3Dnowhere"}, "create the schema"),
    "a server that only reads": (
        {"query": "?options=-cdefault_transaction_read_only%3Don"},
        "name the primary server",
    ),
}


def refusal(url: str) -> str:
    """Give the one sentence with which a server is refused."""
    with pytest.raises(SettingsError) as caught:
        open_database(url)
    words = str(caught.value)
    assert "\n" not in words
    assert words.endswith(".")
    assert not [secret for secret in (PASSWORD, "s3cret", "p%25ss") if secret in words]
    return words


@pytest.mark.parametrize(("changes", "remedy"), BAD.values(), ids=BAD)
def test_what_cannot_be_used_says_what_to_fix(
    postgres_server: PostgresServer, changes: dict[str, str], remedy: str
) -> None:
    assert remedy in refusal(postgres_server.url(**changes))


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("postgresql://payops:s3cret@127.0.0.1:{port}/payops", "check that the server runs"),
        ("postgresql://payops:s3cret@127.0.0.1:port/payops", "percent-encoded"),
        ("postgresql://payops:s3@cret@127.0.0.1/payops", "write %40"),
    ],
)
def test_an_address_where_no_server_is_says_so(url: str, remedy: str) -> None:
    assert remedy in refusal(url.format(port=free_port()))


def test_without_its_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "install the extra `postgres`" in refusal("postgresql://payops:s3cret@127.0.0.1/payops")


@pytest.fixture
def worker(postgres_server: PostgresServer) -> Iterator[str]:
    """Name a user who may look into a schema and nothing else; gives its address of it."""
    postgres_server.execute(
        "CREATE SCHEMA kept",
        "CREATE ROLE worker LOGIN PASSWORD 's3cret'",
        "GRANT USAGE ON SCHEMA kept TO worker",
    )
    yield postgres_server.url(user="worker", password="s3cret", query="?options=-csearch_path%3Dkept")
    postgres_server.execute("DROP SCHEMA kept CASCADE", "DROP ROLE worker")


def test_a_user_who_may_make_no_tables_is_told_what_to_grant(worker: str) -> None:
    assert "GRANT CREATE ON SCHEMA kept" in refusal(worker)


def test_tables_that_are_there_need_no_right_to_make_them(
    worker: str, postgres_server: PostgresServer
) -> None:
    owner = open_postgresql(postgres_server.url(query="?options=-csearch_path%3Dkept"))
    IncidentStore(owner)
    make_tables(owner, SHARED)
    Intents(owner, lambda: incident().opened_at).make_table()
    owner.dispose()
    postgres_server.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA kept TO worker")
    engine = open_database(worker)
    store = IncidentStore(engine)
    make_tables(engine, SHARED)
    Intents(engine, lambda: incident().opened_at).make_table()
    store.open(incident(), None)
    assert store.get("abcd-1") == incident()
    engine.dispose()


def test_a_command_ends_with_one_sentence_and_code_2(run: Command, postgres_server: PostgresServer) -> None:
    url = postgres_server.url(password="s3cret")
    assert "password authentication failed" in run.having(PAYOPS_DATABASE_URL=url)("inbox").refusal
    refused = run.having(PAYOPS_DATABASE_URL="mysql://payops:s3cret@host/db").inside("inbox")
    assert (refused.code, "allowed is postgresql://" in refused.err, "s3cret" in refused.err) == (
        2,
        True,
        False,
    )


def test_the_settings_never_show_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYOPS_DATABASE_URL", "postgresql://payops:s3cret@host/db")
    assert "s3cret" not in f"{load_settings()!r} {load_settings()}"
