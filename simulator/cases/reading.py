"""Read an action from whatever a client sent."""

from typing import Final

from pydantic import ValidationError

from payments.errors import InputError
from simulator.cases.models import PayOpsAction
from simulator.cases.quoting import quoted

LONGEST_ACTION: Final = 65_536
"""Characters: more reason than anybody reads would hold up the other sessions."""
_MOST_ERRORS: Final = 3


def read_action(data: object, length: int) -> PayOpsAction:
    """Read an action.

    Args:
        data: What a client sent as the action.
        length: Of the whole message.

    Raises:
        InputError: it is none; the message names the fields.
    """
    if length > LONGEST_ACTION:
        raise InputError(f"The action has {length} characters; at most {LONGEST_ACTION} are read.")
    try:
        return PayOpsAction.model_validate(data)
    except ValidationError as error:
        raise InputError(_sentence(error)) from error


def _sentence(error: ValidationError) -> str:
    """Say what is wrong with an action, field by field."""
    found = error.errors(include_url=False, include_context=False)
    parts = [f"{_place(item['loc'])}: {item['msg']}, not {quoted(item['input'])}" for item in found]
    more = f"; and {len(parts) - _MOST_ERRORS} more" if len(parts) > _MOST_ERRORS else ""
    return f"The action cannot be read. {'; '.join(parts[:_MOST_ERRORS])}{more}."


def _place(loc: tuple[int | str, ...]) -> str:
    """Name a field; a client may have made its name up."""
    return ".".join(str(part)[:40] for part in loc) or "action"
