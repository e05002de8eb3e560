"""What a language model is told, and the action that its answer means."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic_core import from_json, to_json

from payments.errors import InputError
from simulator.cases.quoting import quoted

PROMPT: Final = Path(__file__).with_name("prompts") / "agent.md"
_EMPTY: Final[tuple[object, ...]] = (None, [], {}, "")


def conversation(screen: Mapping[str, object]) -> list[dict[str, str]]:
    """Give the messages for one step; the screen says all that happened before."""
    shown = {word: value for word, value in screen.items() if value not in _EMPTY}
    return [
        {"role": "system", "content": PROMPT.read_text(encoding="utf-8")},
        {"role": "user", "content": to_json(shown).decode()},
    ]


def action_in(answer: str, transaction_id: str) -> dict[str, object]:
    """Find the action in a model's answer: the outermost JSON object, on the case on the screen.

    Raises:
        InputError: there is none.
    """
    start, end = answer.find("{"), answer.rfind("}")
    try:
        read = from_json(answer[start : end + 1])
    except ValueError as error:
        raise InputError(f"The answer {quoted(answer)} holds no JSON object.") from error
    if not isinstance(read, dict):
        raise InputError(f"The answer {quoted(answer)} holds no JSON object.")
    return {
        "transaction_id": transaction_id,
        **{word: value for word, value in read.items() if value is not None},
    }
