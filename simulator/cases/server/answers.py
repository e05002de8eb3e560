"""The answer to each message of a session; no message ends one but `close`."""

from payments.errors import InputError, PayOpsError, RefusedError
from simulator.cases.environment import PayOpsEnvironment
from simulator.cases.quoting import quoted
from simulator.cases.server.screens import observation_text
from simulator.cases.server.wire import (
    Message,
    error_text,
    read_message,
    read_step,
    rpc_error_text,
    state_text,
)


def answer(environment: PayOpsEnvironment, raw: str | bytes) -> str | None:
    """Answer one message; None ends the session."""
    action = read_step(raw)
    try:
        if action is None:
            return _answer_any(environment, raw)
        environment.take(action)
    except RefusedError as error:
        return error_text("EXECUTION_ERROR", str(error))
    except PayOpsError as error:
        return error_text("VALIDATION_ERROR", str(error))
    return observation_text(environment.episode, environment.view)


def _answer_any(environment: PayOpsEnvironment, raw: str | bytes) -> str | None:
    """Answer a message that is no well-formed step."""
    try:
        message = read_message(raw)
    except InputError as error:
        return error_text("INVALID_JSON", str(error))
    return _answer_object(environment, message)


def _answer_object(environment: PayOpsEnvironment, message: Message) -> str | None:
    """Answer a message that is an object."""
    match message.type:
        case "step":
            environment.attempt(message.data, message.length)
            return observation_text(environment.episode, environment.view)
        case "reset":
            return _reset(environment, message)
        case "state":
            return state_text(environment.state)
        case "close":
            return None
        case "mcp":
            return rpc_error_text("This environment has no MCP tools; send reset and step.")
    kind = quoted(message.type)
    return error_text("UNKNOWN_TYPE", f"The type {kind} is unknown; send reset, step, state or close.")


def _reset(environment: PayOpsEnvironment, message: Message) -> str:
    """Start an episode."""
    options = {} if message.data is None else message.data
    if not isinstance(options, dict):
        raise InputError(f"The data of a reset is {quoted(options)}; send an object.")
    environment.start(options)
    return observation_text(environment.episode, environment.view)
