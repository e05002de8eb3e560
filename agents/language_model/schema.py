"""The form of an answer: bounded everywhere, so that a model that repeats itself comes to an end.

Lengths are patterns, since strict schemas of OpenAI know `pattern` and not `maxLength`; llama.cpp's grammars
know both. The ids are the same for every incident, so that a server compiles the schema once.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from agents.language_model.brief import ACTIONS, CHECKS, EVIDENCE, HYPOTHESES

VERSION = "1"

SUMMARY_CHARACTERS, REMARK_CHARACTERS = 280, 90
CITES, REMARKS = 4, 2

_LETTERS: Final = r"[ !#-\[\]-~]"
"""Printable ASCII without quotes and backslashes, which JSON would have to escape."""


class Said(BaseModel):
    """A remark on one line of the brief."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str
    words: Annotated[str, Field(min_length=1, max_length=REMARK_CHARACTERS)]


class Answer(BaseModel):
    """An answer in the right form; what it refers to is checked elsewhere."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    ranking: Annotated[list[str], Field(min_length=1, max_length=HYPOTHESES)]
    cites: Annotated[list[str], Field(max_length=CITES)]
    doubts: Annotated[list[Said], Field(max_length=REMARKS)]
    objections: Annotated[list[Said], Field(max_length=REMARKS)]
    summary: Annotated[str, Field(min_length=1, max_length=SUMMARY_CHARACTERS)]


def _ids(**numbers: int) -> dict[str, object]:
    named = [f"{letter}{number}" for letter, most in numbers.items() for number in range(1, most + 1)]
    return {"type": "string", "enum": named}


def _text(characters: int) -> dict[str, object]:
    return {"type": "string", "pattern": f"^{_LETTERS}{{1,{characters}}}$"}


def _list(items: Mapping[str, object], least: int, most: int) -> dict[str, object]:
    return {"type": "array", "items": dict(items), "minItems": least, "maxItems": most}


def _object(**properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


SCHEMA: Final[Mapping[str, Any]] = {
    "title": "opinion",
    "description": "A second opinion on a payment incident.",
    **_object(
        ranking=_list(_ids(h=HYPOTHESES), 1, HYPOTHESES),
        cites=_list(_ids(e=EVIDENCE), 0, CITES),
        doubts=_list(_object(id=_ids(h=HYPOTHESES, e=EVIDENCE), words=_text(REMARK_CHARACTERS)), 0, REMARKS),
        objections=_list(_object(id=_ids(a=ACTIONS, k=CHECKS), words=_text(REMARK_CHARACTERS)), 0, REMARKS),
        summary=_text(SUMMARY_CHARACTERS),
    ),
}
