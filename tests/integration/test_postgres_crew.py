"""The crew with all its records on a server: asked, decided, acted, recorded, taken up by another."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from console.compose import deciding, on_duty
from console.safety import turn
from console.settings import Settings
from console.storage import audit_records, audit_report, helping_out, open_engine, open_saver, watching_alone
from console.worlds import Feed
from graph.approvals import decide
from memory.tenants import Tenants
from payments.errors import RefusedError, StorageError
from payments.incident import Status
from tests.end_to_end.command import Command
from tests.graph.made import crew, cycles, decision, has_incident, only_incident, until, world
from tests.integration.postgres import PostgresServer

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("postgresql")]

HOSTILE_NOTE = "drop\0 it; \ud800 ' OR 1=1 --"


@pytest.fixture
def settings(state_dir: Path, postgres_url: str) -> Settings:
    return Settings(state_dir=state_dir, database_url=SecretStr(postgres_url), confidence_threshold=1.0)


def test_a_question_asked_by_one_process_is_answered_in_another(settings: Settings) -> None:
    live = world("psp_outage", settings)
    with crew(live, settings) as duty:
        until(duty, has_incident)
        asked = only_incident(duty)
    with deciding(asked.feed, settings) as runs:
        assert "in force" in decide(asked.id, decision("approve", note=HOSTILE_NOTE), runs.services, runs)
        assert runs.services.incidents.get(asked.id).status is Status.ACTING
        assert runs.services.incidents.decisions(asked.id)[0].note == HOSTILE_NOTE
    events = [record.event for record in audit_records(settings)]
    assert events == ["proposed", "ruled", "decided", "ruled", "acted"]
    assert audit_report(settings).bad_line is None
    assert not [
        name
        for name in ("payops.db", "checkpoints.db", "audit.jsonl")
        if (settings.state_dir / name).exists()
    ]


def test_a_refused_answer_with_hostile_words_is_asked_again(settings: Settings) -> None:
    live = world("psp_outage", settings)
    with crew(live, settings) as duty:
        until(duty, has_incident)
        asked = only_incident(duty)
        duty.runs.resume(
            asked.id, decision("approve").model_copy(update={"by": HOSTILE_NOTE, "note": "x" * 1001})
        )
        assert duty.runs.waits(asked.id)


def test_the_kill_switch_goes_on_record_there(settings: Settings) -> None:
    turn("on", "asha", HOSTILE_NOTE, settings)
    assert [record.event for record in audit_records(settings)] == ["stopped"]


def test_several_processes_may_make_the_tables_at_once(settings: Settings) -> None:
    def begin(_: int) -> int:
        with open_engine(settings) as engine, open_saver(settings, engine) as saver:
            return len(list(saver.list(None)))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(begin, range(4))) == [0] * 4


def test_checkpoints_that_are_there_need_no_right_to_make_them(
    settings: Settings, postgres_url: str, postgres_server: PostgresServer
) -> None:
    with open_engine(settings) as engine, open_saver(settings, engine):
        schema = postgres_url.rpartition("%3D")[2]
    postgres_server.execute(
        "CREATE ROLE clerk LOGIN PASSWORD 's3cret'",
        f"GRANT USAGE ON SCHEMA {schema} TO clerk",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO clerk",
        f"CREATE TABLE {schema}.incidents (id TEXT)",
    )
    url = postgres_server.url(user="clerk", password="s3cret", query=f"?options=-csearch_path%3D{schema}")
    clerk = Settings(state_dir=settings.state_dir, database_url=SecretStr(url))
    with open_engine(clerk) as engine, open_saver(clerk, engine) as saver:
        assert list(saver.list(None)) == []
    postgres_server.execute("DROP OWNED BY clerk", "DROP ROLE clerk")


def test_a_watch_ends_without_a_trace_once_another_worker_has_its_feed(settings: Settings) -> None:
    acting = settings.model_copy(update={"confidence_threshold": 0.8})
    live = world("psp_outage", acting)
    said = list[str]()
    with (
        watching_alone(live.feed, acting, said.append) as tenancy,
        on_duty(Feed(live, live, live), acting, tell_people=False, tenancy=tenancy) as duty,
    ):
        for _ in duty.learn_history():
            pass
        cycles(duty, 5)
        taken_by_another(acting)
        with pytest.raises(StorageError, match="another worker watches"):
            cycles(duty, 30)  # the fault has begun: it would open an incident
        assert duty.services.incidents.list() == ()
        assert duty.services.outbox.in_force() == ()
    assert said == []
    live.close()


def test_what_a_worker_watches_others_leave_to_it(settings: Settings) -> None:
    with watching_alone("simulator:a", settings, lambda _: None):
        with pytest.raises(RefusedError, match="will look after it"), helping_out("simulator:a", settings):
            pass
        with helping_out("simulator:b", settings) as tenancy:
            assert tenancy is not None
    with helping_out("simulator:a", settings) as tenancy:
        assert tenancy is not None


def taken_by_another(settings: Settings) -> None:
    with open_engine(settings) as engine:
        others, number = Tenants(engine, "another machine"), None
        while number is None:  # its own worker may say in between that it is there
            with engine.begin() as connection:
                connection.execute(text("UPDATE tenants SET until_s = 0"))
                feed = connection.execute(text("SELECT feed FROM tenants")).scalar_one()
            number = others.take(feed)


@pytest.fixture
def shared(run: Command, postgres_url: str) -> Command:
    return run.having(PAYOPS_DATABASE_URL=postgres_url)


def test_the_commands_work_on_a_server(shared: Command) -> None:
    done = shared(
        "watch", "--scenario", "psp_outage", "--seed", "7", "--cycles", "40", "--json", "--worker", "one"
    )
    incident = next(report.incident for report in reversed(done.reports) if report.incident)
    assert incident.executed
    assert incident.id[:8] in shared.inside("show", incident.id).out
    assert shared.inside("audit", "--verify").code == 0
    assert '"acted"' in shared.inside("audit", "--json").out
    assert shared.inside("report").code == 0
