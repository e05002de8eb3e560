"""OpenEnv's messages as text: what is read from clients, and what is sent to them."""

from typing import Final, Literal, NamedTuple, TypeAlias

import orjson
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json
from typing_extensions import TypedDict

from payments.errors import InputError
from simulator.cases.models import PayOpsAction, PayOpsObservation, PayOpsState
from simulator.cases.quoting import quoted
from simulator.cases.reading import LONGEST_ACTION

ErrorCode: TypeAlias = Literal[
    "INVALID_JSON",
    "UNKNOWN_TYPE",
    "VALIDATION_ERROR",
    "EXECUTION_ERROR",
    "CAPACITY_REACHED",
    "SESSION_ERROR",
]
Object: TypeAlias = dict[str, object]


class _Step(TypedDict):
    """The message that nearly all are."""

    type: Literal["step"]
    data: PayOpsAction


_validated_step: Final = TypeAdapter(_Step).validator.validate_json


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


def read_step(raw: str | bytes) -> PayOpsAction | None:
    """Read a well-formed step in one pass; None when the message is anything else."""
    if len(raw) > LONGEST_ACTION:
        return None
    try:
        step: _Step = _validated_step(raw)
    except ValidationError:
        return None
    return step["data"]


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
