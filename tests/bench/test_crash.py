"""The reckoning after kills: what agrees is no finding, and each difference is one."""

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from bench.crash.reckoning import Reckoning, reckon
from bench.crash.trap import DECIDING, GOING_ON, OPENING, Death
from simulator.traffic.source import TrafficSource
from simulator.traffic.switch_ledger import Ledger
from simulator.traffic.switchboard import Switchboard
from tests.simulator.traffic.served import WORLD
from tests.tools.actuator_contract import REROUTE

ACTION = REROUTE.model_dump_json()
TABLES = """
CREATE TABLE incidents (id TEXT PRIMARY KEY, body TEXT);
CREATE TABLE decisions (incident_id TEXT, body TEXT);
CREATE TABLE interventions (key TEXT PRIMARY KEY, body TEXT);
CREATE TABLE outbox (key TEXT PRIMARY KEY, incident_id TEXT, action TEXT, state TEXT, error TEXT);
"""
INCIDENT = {"id": "i", "status": "closed", "decision": {"at": "noon"}, "outcome": {"effect": "helped"}}
DECISION = {"type": "approve", "by": "asha", "at": "noon"}


def body(**values: object) -> str:
    return json.dumps(values)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Make the records of a crew that took one action in two steps, undid it and knows all of it."""
    switches = tmp_path / "simulator" / "switch.db"
    world = TrafficSource("quiet", 7, switches, feed="simulator:quiet:7:crash", config=WORLD)
    Ledger(switches).open()
    board = Switchboard(switches)
    board.apply(REROUTE, "i:1", 600.0)
    board.apply(REROUTE, "i:2", 600.0, "i:1")
    board.revert("i:2")
    world.close()
    with closing(sqlite3.connect(tmp_path / "payops.db")) as database:
        database.executescript(TABLES)
        database.execute("INSERT INTO incidents VALUES ('i', ?)", (json.dumps(INCIDENT),))
        database.execute("INSERT INTO decisions VALUES ('i', ?)", (json.dumps(DECISION),))
        for key, outcome in (("i:1", "replaced"), ("i:2", "reverted")):
            database.execute(
                "INSERT INTO outbox VALUES (?, 'i', ?, ?, 'no route ''x''')", (key, ACTION, outcome)
            )
            database.execute("INSERT INTO interventions VALUES (?, ?)", (key, body(key=key, ended_at="one")))
        database.commit()
    return tmp_path


def findings(state: Path) -> dict[str, list[str]]:
    return {name: found for name, found in asdict(reckon(state)).items() if isinstance(found, list) and found}


def change(database: Path, statement: str, *values: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(statement, values)
        connection.commit()


def test_records_that_agree_with_the_ledger_are_no_finding(state: Path) -> None:
    assert findings(state) == {}
    assert reckon(state) == Reckoning(incidents=1, actions=2, decisions=1)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("DELETE FROM outbox WHERE key = 'i:2'", "doubled"),
        ("UPDATE outbox SET state = 'failed' WHERE key = 'i:1'", "lost"),
        ("UPDATE outbox SET state = 'unknown' WHERE key = 'i:1'", "lost"),
        ("UPDATE outbox SET action = '{}' WHERE key = 'i:1'", "lost"),
        ("INSERT INTO outbox VALUES ('i:3', 'i', '{}', 'done', NULL)", "lost"),
        ("INSERT INTO outbox VALUES ('i:3', 'i', '{}', 'intended', NULL)", "lost"),
        ("UPDATE outbox SET state = 'done' WHERE key = 'i:2'", "reverts_missed"),
        ("UPDATE outbox SET state = 'reverting' WHERE key = 'i:2'", "reverts_missed"),
        ("DELETE FROM interventions WHERE key = 'i:1'", "reverts_missed"),
        ('UPDATE interventions SET body = \'{"key": "i:2", "ended_at": null}\'', "reverts_missed"),
        ('UPDATE decisions SET body = \'{"type": "edit", "by": "a", "at": "one"}\'', "decisions_lost"),
        ("UPDATE incidents SET body = replace(body, 'closed', 'acting')", "incidents_lost"),
        ("UPDATE incidents SET id = 'j', body = replace(body, '\"i\"', '\"j\"')", "incidents_lost"),
    ],
)
def test_each_difference_is_found(state: Path, statement: str, kind: str) -> None:
    if "id = 'j'" in statement:
        change(state / "payops.db", "DELETE FROM decisions")
    change(state / "payops.db", statement)
    assert kind in findings(state)


@pytest.mark.parametrize(("replaces", "words"), [(None, "while i:3 was in force"), ("i:3", "never intended")])
def test_effects_that_the_crew_does_not_know_of_are_doubled(
    state: Path, replaces: str | None, words: str
) -> None:
    board = Switchboard(state / "simulator" / "switch.db")
    board.apply(REROUTE, "i:3", 600.0)
    board.apply(REROUTE, "i:4", 600.0, replaces)
    assert any(words in found for found in findings(state)["doubled"])
    assert any("in force at the end" in found for found in findings(state)["reverts_missed"])


def test_what_was_given_up_is_counted_by_its_reason(state: Path) -> None:
    change(state / "payops.db", "UPDATE outbox SET state = 'failed' WHERE key = 'i:2'")
    assert reckon(state).given_up == {"no route ...": 1}


def test_an_incident_that_was_to_be_acted_on_and_was_forgotten_is_a_lost_action(state: Path) -> None:
    verdict, plan = {"ruling": "act"}, {"action": {"kind": "reroute_traffic"}}
    forgotten = {"id": "k", "status": "closed", "verdict": verdict, "plan": plan, "outcome": None}
    change(state / "payops.db", "INSERT INTO incidents VALUES ('k', ?)", json.dumps(forgotten))
    assert findings(state) == {"lost": ["k was to be acted on, and nothing was intended"]}


@pytest.mark.parametrize("kinds", [OPENING, GOING_ON, DECIDING])
def test_deaths_are_the_same_for_the_same_seed_and_of_both_sorts(kinds: dict[str, float]) -> None:
    draws = [[Death.draw(rng, kinds, 1.0) for _ in range(200)] for rng in map(np.random.default_rng, (3, 3))]
    assert draws[0] == draws[1]
    anywhere = [death for death in draws[0] if death.after_s is not None]
    at_a_write = [death for death in draws[0] if death.after_s is None]
    assert 20 < len(anywhere) < 100
    assert all(0.0 <= death.after_s < 1.0 for death in anywhere if death.after_s is not None)
    assert {death.kind for death in at_a_write} <= set(kinds)
    assert all(death.number >= 1 and 0.0 <= death.delay_s <= 0.004 for death in at_a_write)
