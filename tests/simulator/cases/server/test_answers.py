"""Messages of a session, without a network: the same answers that the WebSocket sends."""

import json

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.environment.hostile import Ward, messages
from payments.errors import InputError
from simulator.cases.environment import PayOpsEnvironment
from simulator.cases.models import PayOpsAction
from simulator.cases.policies import at_random
from simulator.cases.reading import read_action
from simulator.cases.server.answers import answer
from simulator.cases.server.screens import observation_text
from simulator.cases.server.wire import read_message, read_step
from simulator.cases.tasks import Task, tasks
from simulator.cases.vocabulary import View


def exchange(environment: PayOpsEnvironment, message: object) -> dict[str, object]:
    reply = answer(environment, message if isinstance(message, str) else json.dumps(message))
    assert reply is not None
    read: dict[str, object] = json.loads(reply)
    return read


def read_slowly(message: str) -> PayOpsAction | None:
    try:
        read = read_message(message)
        return read_action(read.data, read.length) if read.type == "step" else None
    except InputError:
        return None


def started() -> tuple[PayOpsEnvironment, str]:
    environment = PayOpsEnvironment()
    return environment, environment.reset(seed=3).transaction_id


def step(case: str, **fields: object) -> dict[str, object]:
    return {"type": "step", "data": {"action_type": "inspect", "transaction_id": case, **fields}}


def error_of(reply: dict[str, object]) -> str:
    data = reply["data"]
    assert isinstance(data, dict)
    if reply["type"] == "error":
        return str(data["message"])
    return str(data["observation"]["info"]["error"])


def code_of(reply: dict[str, object]) -> object:
    assert isinstance(reply["data"], dict)
    return reply["data"].get("code")


def test_hostile_messages_are_answered_clearly_and_cost_nothing() -> None:
    environment = PayOpsEnvironment()
    ward = Ward(lambda sent: str(answer(environment, sent)).encode())

    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
    @given(message=messages())
    def attack(message: str) -> None:
        ward.attack(message)

    attack()
    assert {"done", "not done", "INVALID_JSON", "UNKNOWN_TYPE", "VALIDATION_ERROR"} <= set(ward.counts)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(message=messages())
def test_a_step_is_read_in_one_pass_as_it_is_in_two(message: str) -> None:
    assert read_step(message) == read_slowly(message)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"action_type": "aprove"}, "action_type: Input should be 'approve'"),
        ({"confidence": float("nan")}, "confidence"),
        ({"confidence": 10**400}, "confidence"),
        ({"transaction_id": None}, "transaction_id: Input should be a valid string"),
        ({"reason": "x" * 2**20}, "at most 65536"),
        ({"surprise": 1}, "surprise: Extra inputs are not permitted"),
    ],
)
def test_a_malformed_action_is_told_in_the_observation_and_costs_nothing(
    fields: dict[str, object], words: str
) -> None:
    environment, transaction_id = started()
    reply = exchange(environment, step(transaction_id, **fields))
    assert words in error_of(reply)
    assert environment.state.budget_spent == 0.0
    assert environment.state.step_count == 0


@pytest.mark.parametrize("view", ["agent", "trainer"])
@given(seed=st.integers(0, 2**53 - 1), task=st.sampled_from(tasks()))
@settings(max_examples=20, deadline=None)
def test_the_text_of_an_observation_is_what_its_model_dumps(view: View, seed: int, task: Task) -> None:
    environment, policy = PayOpsEnvironment(view), at_random(seed)
    environment.start({"seed": seed, "task_id": task.task_id})
    while True:
        body = environment.observe().model_dump()
        beside = {"reward": body.pop("reward"), "done": body.pop("done"), "metadata": body["metadata"]}
        slow = orjson.dumps({"type": "observation", "data": {"observation": body, **beside}}).decode()
        assert observation_text(environment.episode, view) == slow
        move = policy(environment.episode)
        if environment.episode.done or move is None:
            break
        environment.episode.take(move)


def test_an_action_on_another_transaction_is_told_in_the_observation() -> None:
    environment, _ = started()
    assert "is not on the screen" in error_of(exchange(environment, step("TX-other")))


def test_an_unknown_type_is_an_error() -> None:
    reply = exchange(PayOpsEnvironment(), {"type": "fly"})
    assert code_of(reply) == "UNKNOWN_TYPE"
    assert "send reset, step, state or close" in error_of(reply)


def test_a_step_before_a_reset_is_an_error() -> None:
    assert code_of(exchange(PayOpsEnvironment(), step("TX"))) == "EXECUTION_ERROR"


def test_a_malformed_action_before_a_reset_is_an_error() -> None:
    assert code_of(exchange(PayOpsEnvironment(), {"type": "step"})) == "EXECUTION_ERROR"


def test_an_unknown_split_is_an_error_that_lists_the_splits() -> None:
    reply = exchange(PayOpsEnvironment(), {"type": "reset", "data": {"split": "all"}})
    assert code_of(reply) == "VALIDATION_ERROR"
    assert "train/easy" in error_of(reply)


def test_close_ends_the_session() -> None:
    assert answer(PayOpsEnvironment(), '{"type":"close"}') is None


def test_the_same_seed_gives_the_same_bytes() -> None:
    message = json.dumps({"type": "reset", "data": {"seed": 11, "split": "train/hard"}})
    assert answer(PayOpsEnvironment(), message) == answer(PayOpsEnvironment(), message)
