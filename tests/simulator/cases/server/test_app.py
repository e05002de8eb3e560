"""The app over ASGI: limits, time-outs and the routes of HTTP episodes."""

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from simulator.cases.server.access import TOKEN_HEADER
from simulator.cases.server.build import build_app
from simulator.cases.server.settings import ServerSettings

TOKEN = "for-tests-only"


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(build_app(ServerSettings(trainer_token=TOKEN)))


def start(client: TestClient, headers: dict[str, str] | None = None, **options: object) -> tuple[str, str]:
    answer = client.post("/reset", json=options, headers=headers)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return body["metadata"]["episode_id"], body["observation"]["transaction_id"]


def test_an_http_episode_goes_from_reset_to_its_end(client: TestClient) -> None:
    episode_id, case = start(client, seed=2, index=0, split="train/easy")
    action = {"action_type": "inspect", "transaction_id": case}
    seen = client.post("/step", json={"episode_id": episode_id, "action": action}).json()
    assert seen["observation"]["inspection_notes"]
    while not seen["done"]:
        action = {"action_type": "escalate", "transaction_id": seen["observation"]["transaction_id"]}
        seen = client.post("/step", json={"episode_id": episode_id, "action": action}).json()
    assert 0.0 <= seen["reward"] <= 1.0
    assert client.get("/state", params={"episode_id": episode_id}).json()["done"] is True


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/step", {"episode_id": "no", "action": {}}, 404, "There is no episode 'no'"),
        ("/step", {"action": {}}, 422, "episode_id is None"),
        ("/step", [1], 422, "send an object"),
        ("/reset", {"split": "no"}, 404, "There is no split"),
        ("/reset", {"split": "eval", "seed": 1}, 403, "leave seed out"),
        ("/reset", {"seed": {}}, 422, "seed is an object"),
    ],
)
def test_what_http_cannot_do_is_a_sentence(
    client: TestClient, path: str, body: object, status: int, words: str
) -> None:
    answer = client.post(path, json=body)
    assert answer.status_code == status
    assert words in answer.json()["detail"]


def test_a_malformed_http_action_is_refused(client: TestClient) -> None:
    episode_id, _ = start(client)
    answer = client.post("/step", json={"episode_id": episode_id, "action": {"action_type": "fly"}})
    assert answer.status_code == 422
    assert "action_type: Input should be 'approve'" in answer.json()["detail"]


def test_a_body_that_is_too_long_is_refused(client: TestClient) -> None:
    answer = client.post("/reset", content=b'{"seed":' + b" " * 5 * 2**20 + b"1}")
    assert answer.status_code == 422
    assert "too long" in answer.json()["detail"]


def test_an_unknown_split_of_the_task_api_is_not_found(client: TestClient) -> None:
    answer = client.post("/payops/num_tasks", json={"split": "no"})
    assert (answer.status_code, "There is no split 'no'" in answer.json()["detail"]) == (404, True)


def test_a_trainer_sees_the_task_and_an_agent_does_not(client: TestClient) -> None:
    headers = {TOKEN_HEADER: TOKEN}
    told = client.post("/reset", json={"seed": 1}, headers=headers).json()["observation"]["task_id"]
    hidden = client.post("/reset", json={"seed": 1}).json()["observation"]["task_id"]
    assert (bool(told), hidden) == (True, "")


def test_a_wrong_token_is_refused_over_http(client: TestClient) -> None:
    assert client.post("/reset", headers={TOKEN_HEADER: "wrong"}).status_code == 403


def test_a_wrong_token_ends_a_session_with_a_sentence(client: TestClient) -> None:
    with client.websocket_connect("/ws", headers={TOKEN_HEADER: "wrong"}) as session:
        assert "is not valid" in session.receive_json()["data"]["message"]
        with pytest.raises(WebSocketDisconnect) as closed:
            session.receive_text()
    assert closed.value.code == 1008


def test_two_sessions_do_not_know_each_other(client: TestClient) -> None:
    with client.websocket_connect("/ws") as first, client.websocket_connect("/ws") as second:
        cases = []
        for session in (first, second):
            session.send_json({"type": "reset", "data": {"seed": 5, "index": 0}})
            cases.append(session.receive_json()["data"]["observation"]["transaction_id"])
        first.send_json({"type": "step", "data": {"action_type": "inspect", "transaction_id": cases[0]}})
        assert first.receive_json()["data"]["observation"]["budget_remaining"] == 4.9
        second.send_json({"type": "state"})
        assert second.receive_json()["data"]["budget_spent"] == 0.0


def test_a_binary_message_is_read_as_text(client: TestClient) -> None:
    with client.websocket_connect("/ws") as session:
        session.send_bytes(b'{"type":"state"}')
        assert session.receive_json()["type"] == "state"


def test_a_full_server_says_so_and_takes_the_next_when_one_leaves() -> None:
    client = TestClient(build_app(ServerSettings(most_sessions=1)))
    with client.websocket_connect("/ws") as taken:
        taken.send_json({"type": "state"})
        taken.receive_json()
        with client.websocket_connect("/ws") as other:
            assert other.receive_json()["data"]["code"] == "CAPACITY_REACHED"
        taken.send_json({"type": "close"})
        with pytest.raises(WebSocketDisconnect):
            taken.receive_text()
    with client.websocket_connect("/ws") as later:
        later.send_json({"type": "state"})
        assert later.receive_json()["type"] == "state"


def test_a_silent_session_is_closed_with_a_sentence() -> None:
    client = TestClient(build_app(ServerSettings(idle_s=0.01)))
    with client.websocket_connect("/ws") as session:
        assert "nothing came for 0.01 seconds" in session.receive_json()["data"]["message"]
        with pytest.raises(WebSocketDisconnect) as closed:
            session.receive_text()
    assert closed.value.code == 1001
