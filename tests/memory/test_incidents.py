import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, update

from memory.incidents import IncidentStore
from memory.rows import plain
from memory.tables import EVIDENCE, INCIDENTS
from payments.errors import InputError, NotFoundError, StorageError
from payments.incident import Incident, Status
from payments.segment import Segment
from tests.memory.stock import AT, HOSTILE, database, decision, evidence, incident

ANY_TEXT = st.text(st.characters(), max_size=60)  # lone surrogates and NUL included


def test_an_incident_comes_back_as_it_was_kept(store: IncidentStore) -> None:
    kept = incident()
    store.open(kept, None)
    assert store.get(kept.id) == kept


def test_opening_again_leaves_what_is_there(store: IncidentStore) -> None:
    store.open(incident(status=Status.WAITING), None)
    store.open(incident(status=Status.OPEN), None)
    assert store.get("abcd-1").status is Status.WAITING


def test_saving_replaces(store: IncidentStore) -> None:
    store.open(incident(), None)
    store.save(incident(status=Status.CLOSED))
    assert store.get("abcd-1").status is Status.CLOSED
    assert store.live("feed") == ()


def test_evidence_comes_back_equal(store: IncidentStore) -> None:
    kept = evidence(cells=200, seed=3)
    store.open(incident(), kept)
    found = store.evidence("abcd-1")
    assert found is not None
    assert found.model_dump() == kept.model_dump()


def test_an_incident_without_evidence_has_none(store: IncidentStore) -> None:
    store.open(incident(), None)
    assert store.evidence("abcd-1") is None


def test_damaged_evidence_is_a_clear_error(store: IncidentStore, engine: Engine) -> None:
    store.open(incident(), evidence(cells=3, seed=1))
    with engine.begin() as connection:
        connection.execute(update(EVIDENCE).values(body=b"not zlib"))
    with pytest.raises(InputError, match="evidence of incident abcd-1 cannot be read"):
        store.evidence("abcd-1")


class TestPrefix:
    def test_a_unique_prefix_names_an_incident(self, store: IncidentStore) -> None:
        store.open(incident("abcd-1"), None)
        store.open(incident("abce-2"), None)
        assert store.get("abce").id == "abce-2"

    def test_three_characters_are_too_few(self, store: IncidentStore) -> None:
        store.open(incident("abcd-1"), None)
        with pytest.raises(InputError, match="at least 4 characters"):
            store.get("abc")

    def test_an_ambiguous_prefix_lists_the_candidates(self, store: IncidentStore) -> None:
        for name in ("abcd-1", "abcd-2"):
            store.open(incident(name), None)
        with pytest.raises(InputError, match="ambiguous: abcd-1, abcd-2"):
            store.get("abcd")

    def test_a_whole_id_wins_over_a_longer_one(self, store: IncidentStore) -> None:
        for name in ("abcd", "abcd-2"):
            store.open(incident(name), None)
        assert store.get("abcd").id == "abcd"

    def test_an_unknown_id_says_what_exists(self, store: IncidentStore) -> None:
        store.open(incident("abcd-1"), None)
        with pytest.raises(NotFoundError, match="no incident 'ffff'; the newest are abcd-1"):
            store.get("ffff")

    def test_an_empty_store_says_so(self, store: IncidentStore) -> None:
        with pytest.raises(NotFoundError, match="none has been opened yet"):
            store.get("ffff")

    @pytest.mark.parametrize("wild", ["%%%%", "____", "abc%", "' OR 1=1 --", "ABCD"])
    def test_wild_cards_and_quotes_are_only_text(self, store: IncidentStore, wild: str) -> None:
        store.open(incident("abcd-1"), None)
        with pytest.raises(NotFoundError):
            store.get(wild)


class TestListing:
    def test_newest_first_whatever_the_time_zone(self, store: IncidentStore) -> None:
        india = timezone(timedelta(hours=5, minutes=30))
        store.open(incident("later", opened_at=AT + timedelta(minutes=1)), None)
        store.open(incident("sooner", opened_at=AT.astimezone(india)), None)
        assert [found.id for found in store.list()] == ["later", "sooner"]

    def test_by_status_feed_and_limit(self, store: IncidentStore) -> None:
        store.open(incident("one", status=Status.WAITING), None)
        store.open(incident("two", status=Status.CLOSED), None)
        store.open(incident("three", feed="other"), None)
        assert [found.id for found in store.list([Status.WAITING])] == ["one"]
        assert [found.id for found in store.list(feed="other")] == ["three"]
        assert len(store.list(limit=2)) == 2

    def test_live_forgets_none_of_many(self, store: IncidentStore) -> None:
        for number in range(130):
            store.open(incident(f"live-{number}"), None)
        assert len(store.live("feed")) == 130

    def test_recent_begins_at_the_instant(self, store: IncidentStore) -> None:
        store.open(incident("before", opened_at=AT - timedelta(seconds=1)), None)
        store.open(incident("then", opened_at=AT), None)
        assert [found.id for found in store.recent("feed", AT)] == ["then"]

    def test_unsettled_keeps_what_recovered_lately(self, store: IncidentStore) -> None:
        closed = incident("recovered", status=Status.CLOSED).model_copy(update={"recovered": True})
        store.open(closed, None)
        store.open(incident("given-up", status=Status.CLOSED), None)
        store.open(incident("live"), None)
        assert {found.id for found in store.unsettled("feed", AT)} == {"recovered", "live"}
        assert [found.id for found in store.unsettled("feed", AT + timedelta(seconds=1))] == ["live"]


class TestUnreadableRows:
    @pytest.mark.parametrize("body", ["{", "null", '{"id": "abcd-1"}', "", '"\\ud800"'])
    def test_one_bad_row_hides_no_other(
        self, store: IncidentStore, engine: Engine, body: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        _damage(store, engine, body=body)
        with caplog.at_level(logging.WARNING):
            assert [found.id for found in store.list()] == ["good-1"]
            store.live("feed")
        assert [record.getMessage().startswith("left out: incident abcd-1") for record in caplog.records] == [
            True
        ]

    def test_asked_for_it_is_a_clear_error(self, store: IncidentStore, engine: Engine) -> None:
        _damage(store, engine, body="{")
        with pytest.raises(InputError, match="incident abcd-1 cannot be read"):
            store.get("abcd-1")

    def test_they_can_be_listed(self, store: IncidentStore, engine: Engine) -> None:
        _damage(store, engine, body="{")
        assert [reason.startswith("incident abcd-1") for reason in store.unreadable()] == [True]

    def test_a_row_of_another_schema_is_not_guessed_at(self, store: IncidentStore) -> None:
        store.open(incident().model_copy(update={"schema_version": 99}), None)
        with pytest.raises(InputError, match="schema 99; this version reads schema 1"):
            store.get("abcd-1")


class TestHostileText:
    @pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
    def test_names_come_back(self, store: IncidentStore, text: str) -> None:
        kept = incident(culprit=Segment({"merchant": text}), feed=text)
        store.open(kept, None)
        assert store.live(text) == (kept,)

    @example(name="\ud800", value="\ud800", log_evidence=float("inf"))
    @given(name=ANY_TEXT, value=ANY_TEXT, log_evidence=st.floats(allow_nan=False))
    def test_any_incident_comes_back(self, name: str, value: str, log_evidence: float) -> None:
        engine = create_engine("sqlite://")
        signal = (
            incident()
            .finding.signals[0]
            .model_copy(update={"segment": Segment({name: value}), "log_evidence": log_evidence})
        )
        finding = incident().finding.model_copy(update={"signals": (signal,)})
        kept = incident(feed=value).model_copy(update={"finding": finding})
        store = IncidentStore(engine)
        store.open(kept, None)
        assert store.list(feed=value) == (kept,)
        engine.dispose()

    @given(ANY_TEXT)
    def test_plain_text_can_be_encoded_and_has_no_nul(self, text: str) -> None:
        assert b"\0" not in plain(text).encode("utf-8")


def test_what_is_on_disk_outlives_the_process(where: str | Path) -> None:
    with database(where) as first:
        IncidentStore(first).open(incident(), evidence(cells=3, seed=1))
    with database(where) as second:
        again = IncidentStore(second)
        assert again.get("abcd-1") == incident()
        assert again.evidence("abcd-1") is not None


def test_processes_may_start_on_an_empty_database_at_once(where: str | Path) -> None:
    together = Barrier(6)

    def start(_: int) -> tuple[Incident, ...]:
        with database(where) as engine:
            together.wait(timeout=60)
            return IncidentStore(engine).list()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(start, range(6))) == [()] * 6


def test_a_failing_database_is_our_error_and_loses_nothing(store: IncidentStore, engine: Engine) -> None:
    store.open(incident(), None)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE incidents RENAME TO gone")
    with pytest.raises(StorageError, match=r"cannot be written; nothing was changed: .*incidents"):
        store.save(incident(status=Status.CLOSED))
    with pytest.raises(StorageError, match="cannot be read"):
        store.list()
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO incidents")
    assert store.get("abcd-1").status is Status.OPEN


class TestUndecided:
    def test_what_is_decided_is_no_longer_asked(self, store: IncidentStore) -> None:
        waiting = _waiting(store, "abcd-1", "abcd-2")
        store.record_decision("abcd-1", decision())
        assert store.undecided() == (waiting[1],)

    def test_what_no_longer_waits_is_no_longer_asked(self, store: IncidentStore) -> None:
        _waiting(store, "abcd-1")
        store.save(incident("abcd-1", status=Status.ACTING))
        assert store.undecided() == ()


def _waiting(store: IncidentStore, *names: str) -> list[Incident]:
    found = [incident(name, status=Status.WAITING) for name in names]
    for one in found:
        store.open(one, None)
    return found


def _damage(store: IncidentStore, engine: Engine, *, body: str) -> None:
    store.open(incident("abcd-1"), None)
    store.open(incident("good-1"), None)
    with engine.begin() as connection:
        connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == "abcd-1").values(body=body))


def test_newer_evidence_takes_the_place_of_what_there_was(store: IncidentStore) -> None:
    store.open(incident(), evidence(cells=3, seed=1))
    newer = evidence(cells=5, seed=2)
    store.renew_evidence("abcd-1", newer)
    found = store.evidence("abcd-1")
    assert found is not None
    assert found.model_dump() == newer.model_dump()
