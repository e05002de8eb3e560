"""An answer checked by form and by reference: what is not in the brief was made up, and is refused whole."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from pydantic import ValidationError

from agents.language_model.brief import Brief
from agents.language_model.numbers import made_up
from agents.language_model.schema import Answer

_PLAIN = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201c": "'",
    "\u201d": "'",
    "\u2013": "-",
    "\u2014": "-",
    "\u00a0": " ",
}
_TYPED = str.maketrans({**_PLAIN, "\u2026": "...", "\u2192": "to", "\n": " ", '"': "'"})
_ALLOWED = re.compile(r"[ !#-;=?-Z_a-z~]+", re.ASCII)
"""No angle, square or curly brackets, no backslash and no pipe: neither markup nor escape sequences."""

_ADDRESS = re.compile(r"//|www\.|@|[a-z0-9-]{2,}\.(?:com|net|org|io|dev|app|co|xyz)\b", re.IGNORECASE)
_STEERING = re.compile(
    r"\b(?:approve[ds]?|reject(?:s|ed)?|ignore[ds]?|overrul(?:e[ds]?|ing)|overrid(?:e[s]?|den|ing)|bypass\w*|"
    r"disabl\w+|password\w*|instruct\w*|please|immediately|urgent\w*|kill switch|"
    r"(?:you|humans?|persons?|people|operators?|team) (?:must|should|can|may|ha(?:s|ve) to|needs? to))\b",
    re.IGNORECASE,
)
"""Words that tell people what to decide: the choice is theirs, and the crew's own words say what is asked."""
_FIGURE = re.compile(r"\d")
_ID = re.compile(r"\b[heakr]\d+\b")


class Problem(StrEnum):
    """Why an answer is refused."""

    FORM = "form"
    REFERENCE = "reference"
    NUMBER = "number"
    WORDS = "words"


class Refused(NamedTuple):
    """What is wrong with an answer, and where; nothing of what it says is repeated."""

    problem: Problem
    where: str


def read_answer(text: str, brief: Brief) -> Answer | Refused:
    """Read what a model wrote; anything that the brief does not bear out refuses it."""
    answer = _parsed(text)
    if isinstance(answer, Refused):
        return answer
    return next(_problems(answer, brief), answer)


def _parsed(text: str) -> Answer | Refused:
    try:
        answer = Answer.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]["loc"][:1]
        known = [str(name) for name in first if name in Answer.model_fields]
        return Refused(Problem.FORM, known[0] if known else "the whole")
    return answer.model_copy(
        update={
            "summary": _typed(answer.summary),
            "doubts": [one.model_copy(update={"words": _typed(one.words)}) for one in answer.doubts],
            "objections": [one.model_copy(update={"words": _typed(one.words)}) for one in answer.objections],
        }
    )


def _typed(text: str) -> str:
    """Write typographic punctuation as a typewriter does."""
    return text.translate(_TYPED).strip()


def _problems(answer: Answer, brief: Brief) -> Iterator[Refused]:
    for where, ids, letters in _references(answer):
        if any(one not in brief.ids or one[0] not in letters for one in ids):
            yield Refused(Problem.REFERENCE, where)
    if len(set(answer.ranking)) < len(answer.ranking):
        yield Refused(Problem.REFERENCE, "ranking")
    for where, text in _texts(answer):
        problem = _problem_of(text, brief)
        if problem is not None:
            yield Refused(problem, where)
    if not _FIGURE.search(answer.summary):  # without a figure or a stand-in it would suit any incident
        yield Refused(Problem.REFERENCE, "summary")


def _references(answer: Answer) -> Iterator[tuple[str, list[str], str]]:
    """Give each list of ids with the letters that they may begin with."""
    yield "ranking", answer.ranking, "h"
    yield "cites", answer.cites, "e"
    yield "doubts", [one.id for one in answer.doubts], "he"
    yield "objections", [one.id for one in answer.objections], "ak"


def _texts(answer: Answer) -> Iterator[tuple[str, str]]:
    yield "summary", answer.summary
    yield from (("doubts", one.words) for one in answer.doubts)
    yield from (("objections", one.words) for one in answer.objections)


def _problem_of(text: str, brief: Brief) -> Problem | None:
    if not _ALLOWED.fullmatch(text) or _ADDRESS.search(text) or _STEERING.search(text):
        return Problem.WORDS
    if brief.names.unknown(text) or any(one not in brief.ids for one in _ID.findall(text)):
        return Problem.REFERENCE
    return Problem.NUMBER if made_up(text, brief.text) is not None else None
