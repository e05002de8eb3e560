"""What a language model said of an incident, or why it said nothing; never anything that the crew acts on."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt

from agents.language_model.brief import Brief
from agents.language_model.schema import Answer, Said
from agents.language_model.vote import weighed
from payments.quantity import Fraction


class Fallback(StrEnum):
    """Why the engine's answer stands alone."""

    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    FAILED = "failed"
    REFUSED = "refused"
    MALFORMED = "malformed"
    CUT_OFF = "cut_off"
    TOO_LONG = "too_long"
    FORM = "form"
    REFERENCE = "reference"
    NUMBER = "number"
    WORDS = "words"
    BREAKER_OPEN = "breaker_open"
    BUDGET_SPENT = "budget_spent"
    NOT_KEPT = "not_kept"
    UNFINISHED = "unfinished"

    @property
    def words(self) -> str:
        """The reason as people say it."""
        return _WORDS[self]


_WORDS = {
    Fallback.TIMED_OUT: "no answer in time",
    Fallback.UNREACHABLE: "its server cannot be reached",
    Fallback.BUSY: "its server is busy",
    Fallback.FAILED: "its server failed",
    Fallback.REFUSED: "its server refuses the request",
    Fallback.MALFORMED: "its server's answer is no answer of a model",
    Fallback.CUT_OFF: "its answer was cut off",
    Fallback.TOO_LONG: "its server's answer is too long",
    Fallback.FORM: "its answer is not of the form asked for",
    Fallback.REFERENCE: "its answer refers to what is not there",
    Fallback.NUMBER: "its answer states a number that is not in the evidence",
    Fallback.WORDS: "its answer holds words that it may not use",
    Fallback.BREAKER_OPEN: "it failed three times in a row and is left alone for a minute",
    Fallback.BUDGET_SPENT: "the incident's tokens are spent",
    Fallback.NOT_KEPT: "what it costs cannot be put on record",
    Fallback.UNFINISHED: "the process ended while it was asked",
}


class Usage(BaseModel):
    """What an opinion cost."""

    model_config = ConfigDict(frozen=True)

    calls: NonNegativeInt = 0
    tokens_in: NonNegativeInt = 0
    tokens_out: NonNegativeInt = 0
    seconds: NonNegativeFloat = 0.0


class Remark(BaseModel):
    """A remark on one line of the brief, with the line."""

    model_config = ConfigDict(frozen=True)

    id: str
    on: str
    words: str


class Ranked(BaseModel):
    """A cause in the model's order, and what it would be with the model's vote."""

    model_config = ConfigDict(frozen=True)

    cause: str
    engine: Fraction
    weighed: Fraction


class Opinion(BaseModel):
    """A second opinion as people see it: an aid to reading, not a part of the decision."""

    model_config = ConfigDict(frozen=True)

    about: str
    """Digest of the brief, the prompt, the schema and the model."""
    model: str
    prompt: str
    summary: str = ""
    ranking: tuple[Ranked, ...] = ()
    cites: tuple[Remark, ...] = ()
    doubts: tuple[Remark, ...] = ()
    objections: tuple[Remark, ...] = ()
    fallback: Fallback | None = None
    because: str = ""
    """Of a fallback: the reason in one sentence."""
    cached: bool = False
    usage: Usage = Usage()


def without(given: Opinion, fallback: Fallback, because: str = "") -> Opinion:
    """Say that there is no opinion, and why."""
    sentence = f"{fallback.words} ({because})" if because else fallback.words
    return given.model_copy(update={"fallback": fallback, "because": sentence})


def opinion_of(answer: Answer, brief: Brief, weight: float, given: Opinion) -> Opinion:
    """Put an answer that was checked in words for people, with the names put back."""
    on = {one.id: brief.names.restored(one.words) for one in brief.lines}
    shares = weighed(brief.probabilities, answer.ranking, weight)

    def remark(said: Said) -> Remark:
        return Remark(id=said.id, on=on[said.id], words=brief.names.restored(said.words))

    order = [*answer.ranking, *(one for one in brief.causes if one not in answer.ranking)]
    return given.model_copy(
        update={
            "summary": brief.names.restored(answer.summary),
            "ranking": tuple(
                Ranked(
                    cause=brief.causes[one], engine=brief.probabilities[one], weighed=min(1.0, shares[one])
                )
                for one in order
            ),
            "cites": tuple(Remark(id=one, on=on[one], words="") for one in answer.cites),
            "doubts": tuple(map(remark, answer.doubts)),
            "objections": tuple(map(remark, answer.objections)),
        }
    )
