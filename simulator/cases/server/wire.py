"""OpenEnv's messages as text: what is read from clients, and what is sent to them."""

from typing import Final, Literal, NamedTuple, TypeAlias

import orjson
from pydantic_core import from_json

from payments.errors import InputError
from simulator.cases.engine import Episode
from simulator.cases.models import PayOpsObservation, PayOpsState
from simulator.cases.quoting import quoted
from simulator.cases.views import moving_fields
from simulator.cases.vocabulary import View

ErrorCode: TypeAlias = Literal[
    "INVALID_JSON",
    "UNKNOWN_TYPE",
    "VALIDATION_ERROR",
    "EXECUTION_ERROR",
    "CAPACITY_REACHED",
    "SESSION_ERROR",
]
Object: TypeAlias = dict[str, object]

_HEAD: Final = b'{"type":"observation","data":{"observation":'


class Message(NamedTuple):
    """What a client sent over a WebSocket."""

    type: object
    data: object
    length: int


def read_object(raw: str | bytes) -> Object:
    """Read a JSON object; NaN and infinities pass, for the models refuse them by name.

    Raises:
        InputError: it is none.
    """
    try:
        read = from_json(raw)
    except ValueError as error:
        raise InputError(f"This is not JSON: {error}.") from error
    if not isinstance(read, dict):
        raise InputError(f"The message is {quoted(read)}; send an object.")
    return read


def read_message(raw: str | bytes) -> Message:
    """Read a message.

    Raises:
        InputError: it is no JSON object.
    """
    read = read_object(raw)
    return Message(read.get("type"), read.get("data"), len(raw))


def envelope(seen: PayOpsObservation) -> Object:
    """Give an observation as clients expect it: reward and done stand beside it."""
    body = seen.__dict__.copy()
    reward, done = body.pop("reward"), body.pop("done")
    return {"observation": body, "reward": reward, "done": done, "metadata": body["metadata"]}


def observation_text(episode: Episode, view: View) -> str:
    """Write the envelope of what is seen, byte for byte; what does not change of a case is written once."""
    case = episode.case
    moving = moving_fields(episode, view)
    reward, done = moving.pop("reward"), moving.pop("done")
    if moving["network_graph"] is not None:
        moving["network_graph"] = case.graph_json
    beside = {"reward": reward, "done": done, "metadata": {"memo": case.memo}}
    parts = (_HEAD, case.fixed_json[:-1], orjson.dumps(moving)[1:], orjson.dumps(beside)[1:])
    return (b"%b%b,%b,%b}" % parts).decode()


def state_text(state: PayOpsState) -> str:
    """Write a state."""
    return orjson.dumps({"type": "state", "data": state.model_dump()}).decode()


def error_text(code: ErrorCode, message: str, **details: object) -> str:
    """Write an error that is none of an action."""
    return orjson.dumps({"type": "error", "data": {"message": message, "code": code, **details}}).decode()


def rpc_error_text(message: str) -> str:
    """Write the answer to a message that looks for tools where there are none."""
    error = {"jsonrpc": "2.0", "id": None, "error": {"code": -32601, "message": message}}
    return orjson.dumps({"type": "mcp", "data": error}).decode()
