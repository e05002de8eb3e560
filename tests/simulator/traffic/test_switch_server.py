"""The switchboard over HTTP: who may use it, what it says, and what its ledger holds."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from simulator.traffic.switch_server import REQUEST_BYTES, desk_of, main
from tests.simulator.traffic.served import NOW, SECRET, Served, serving
from tests.tools.actuator_contract import REROUTE
from tools.actuators.signature import Request, sign

ORDER = {"action": REROUTE.model_dump(mode="json"), "expires_after_s": 10.0}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path / "switch.db") as one:
        yield one


def test_what_is_put_is_held_and_what_is_deleted_is_undone(served: Served) -> None:
    put = served.send("PUT", "/actions/i%3A1", ORDER)
    assert (put.status_code, put.json()["key"], put.json()["reverted"]) == (HTTPStatus.OK, "i:1", False)
    assert served.send("GET", "/actions/i%3A1").json() == put.json()
    assert served.send("DELETE", "/actions/i%3A1").json()["reverted"]
    assert served.events == [("began", "i:1"), ("ended", "i:1")]


def test_a_key_that_holds_nothing_is_named_in_the_answer(served: Served) -> None:
    answer = served.send("GET", "/actions/i%3A1")
    assert (answer.status_code, answer.json()["key"]) == (HTTPStatus.NOT_FOUND, "i:1")
    assert served.send("DELETE", "/actions/i%3A1").status_code == HTTPStatus.NOT_FOUND


def test_the_same_key_twice_stands_once_in_the_ledger(served: Served) -> None:
    first = served.send("PUT", "/actions/k", ORDER)
    assert served.send("PUT", "/actions/k", ORDER).json() == first.json()
    assert served.events == [("began", "k")]


def test_what_takes_the_place_of_another_ends_it_first(served: Served) -> None:
    served.send("PUT", "/actions/one", ORDER)
    assert served.send("PUT", "/actions/two", {**ORDER, "replaces": "one"}).status_code == HTTPStatus.OK
    late = served.send("PUT", "/actions/three", {**ORDER, "replaces": "one"})
    assert late.status_code == HTTPStatus.CONFLICT
    assert served.events == [("began", "one"), ("ended", "one"), ("began", "two")]


def test_an_action_lapses_at_its_expiry_by_the_world_s_clock(served: Served) -> None:
    served.send("PUT", "/actions/k", ORDER)
    served.world.read()
    assert served.events == [("began", "k")]
    served.world.read()
    assert served.events == [("began", "k"), ("lapsed", "k")]
    assert served.events == [("began", "k"), ("lapsed", "k")]


def test_undoing_what_has_lapsed_is_no_second_end(served: Served) -> None:
    served.send("PUT", "/actions/k", ORDER)
    for _ in range(3):
        served.world.read()
    assert served.events[-1] == ("lapsed", "k")
    assert served.send("DELETE", "/actions/k").status_code == HTTPStatus.OK
    assert [event for event, _ in served.events].count("lapsed") == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"PayOps-Signature": "sha256=00"},
        {"PayOps-Signature": ""},
        {"PayOps-Timestamp": "0"},
        {"PayOps-Nonce": "another"},
    ],
)
def test_a_request_that_is_not_signed_as_it_stands_changes_nothing(
    served: Served, changes: dict[str, str]
) -> None:
    answer = served.send("PUT", "/actions/k", ORDER, **changes)
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert served.events == []


def test_a_signature_does_not_fit_another_body_path_or_method(served: Served) -> None:
    headers = sign(Request("PUT", "/actions/k", b"{}"), SECRET, NOW, "n")
    others = (("PUT", "/actions/k", b"{ }"), ("PUT", "/actions/l", b"{}"), ("GET", "/actions/k", b"{}"))
    for method, path, body in others:
        answer = httpx.request(method, served.url + path, content=body, headers=headers, trust_env=False)
        assert answer.status_code == HTTPStatus.UNAUTHORIZED


def test_a_request_that_is_sent_again_as_it_was_is_refused(served: Served) -> None:
    assert served.send("PUT", "/actions/k", ORDER, nonce="once").status_code == HTTPStatus.OK
    again = served.send("PUT", "/actions/k", ORDER, nonce="once")
    assert (again.status_code, "before" in again.json()["error"]) == (HTTPStatus.TOO_EARLY, True)


@pytest.mark.parametrize(("off_s", "status"), [(300, HTTPStatus.OK), (301, HTTPStatus.UNAUTHORIZED)])
@pytest.mark.parametrize("sign_of", [1, -1])
def test_a_request_signed_too_long_ago_or_ahead_is_refused(
    tmp_path: Path, off_s: int, sign_of: int, status: HTTPStatus
) -> None:
    with serving(tmp_path / "switch.db", NOW + timedelta(seconds=sign_of * off_s)) as served:
        assert served.send("PUT", "/actions/k", ORDER).status_code == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, HTTPStatus.UNPROCESSABLE_ENTITY),
        ([], HTTPStatus.UNPROCESSABLE_ENTITY),
        ({**ORDER, "expires_after_s": 0}, HTTPStatus.UNPROCESSABLE_ENTITY),
        ({**ORDER, "expires_after_s": "never"}, HTTPStatus.UNPROCESSABLE_ENTITY),
        ({**ORDER, "surprise": 1}, HTTPStatus.UNPROCESSABLE_ENTITY),
        ({**ORDER, "action": {**ORDER["action"], "from_route": "nowhere"}}, HTTPStatus.CONFLICT),  # type: ignore[dict-item]
        ("x" * REQUEST_BYTES, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_in_words(
    served: Served, body: object, status: HTTPStatus
) -> None:
    answer = served.send("PUT", "/actions/k", body)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert served.events == []


def test_the_ledger_cannot_be_changed(served: Served) -> None:
    served.send("PUT", "/actions/k", ORDER)
    database = sqlite3.connect(served.ledger.path)
    for statement in ("DELETE FROM ledger", "UPDATE ledger SET key = 'x'"):
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            database.execute(statement)
    database.close()


def test_without_a_world_nothing_can_be_done(tmp_path: Path) -> None:
    desk = desk_of(tmp_path / "simulator" / "switch.db", SECRET, lambda: NOW)
    request = Request("PUT", "/actions/k", json.dumps(ORDER).encode())
    answer = desk.answer(request, sign(request, SECRET, NOW, "n"))
    assert answer.status is HTTPStatus.CONFLICT
    assert "No world" in answer.said["error"]


def test_the_command_wants_the_secret_from_the_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--switches", str(tmp_path / "switch.db")]) == 2
    assert "PAYOPS_ACTUATOR_SECRET" in capsys.readouterr().err
