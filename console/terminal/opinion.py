"""What a language model says of an incident, as lines; and what asking has cost so far."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from console.terminal.draw import facts, section
from console.terminal.words import cause_words, count, number, percent

if TYPE_CHECKING:
    from agents.language_model.opinion import Opinion, Ranked, Usage
    from tools.language_model.kept import Total

NO_PART = "It has no part in the decision: the engine's confidence, proposal and checks stand as they are."


def opinion_sections(given: Mapping[str, Any] | None) -> Iterator[RenderableType]:
    """Draw an opinion, or the reason why there is none; nothing where no model was wanted."""
    if given is None:
        return
    from agents.language_model.opinion import Opinion

    opinion = Opinion.model_validate(given)
    lines = facts([*_said(opinion), ("cost", usage_words(opinion.usage, cached=opinion.cached))])
    yield section("Second opinion of a language model", lines, Text(NO_PART))


def _said(opinion: "Opinion") -> Iterator[tuple[str, str]]:
    yield "model", f"{opinion.model}, prompt {opinion.prompt}"
    if opinion.fallback is not None:
        yield "none", opinion.because
        return
    yield "summary", opinion.summary
    yield "its order", ", ".join(map(_ranked, opinion.ranking))
    yield from (("cites", one.on) for one in opinion.cites)
    yield from (("doubts", f"{one.words} ({one.on})") for one in opinion.doubts)
    yield from (("objects", f"{one.words} ({one.on})") for one in opinion.objections)


def _ranked(one: "Ranked") -> str:
    weighed = "" if one.weighed == one.engine else f", {percent(one.weighed)} with its vote"
    return f"{cause_words(one.cause)} ({percent(one.engine)}{weighed})"


def usage_words(usage: "Usage", *, cached: bool) -> str:
    """Say what an opinion cost."""
    if cached:
        return "nothing: the same question was answered before"
    if not usage.calls:
        return "nothing: it was not asked"
    tokens = f"{count(usage.tokens_in)} tokens in, {count(usage.tokens_out)} out"
    return f"{tokens}, {number(usage.seconds)} s"


def total_line(total: "Total") -> Text:
    """Say how often a language model was wanted, how often it failed and why, and what it cost."""
    from agents.language_model.opinion import Fallback

    reasons = ", ".join(f"{Fallback(reason).words} {times}" for reason, times in total.fallbacks.items())
    fallbacks = f" {count(total.wanted - total.answered)} without an opinion: {reasons}." if reasons else ""
    return Text(
        f"Language model: {count(total.wanted)} opinions wanted, {count(total.answered)} given; "
        f"{count(total.calls)} calls, {count(total.tokens_in)} tokens in, {count(total.tokens_out)} out, "
        f"{number(total.seconds)} s.{fallbacks}"
    )
