"""What people read of a language model: its words as words, its failures as reasons, and what it has cost."""

import pytest

from agents.language_model.opinion import Fallback, Opinion, Ranked, Remark, Usage, without
from console.standing import History
from console.terminal.opinion import total_line
from console.terminal.tables import incident_page
from tests.console.examples import HOSTILE, incident
from tests.console.test_tables import text_of
from tools.language_model.kept import Total

GIVEN = Opinion(
    about="d", model="gpt-x", prompt="opinion-1", usage=Usage(calls=1, tokens_in=912, tokens_out=118)
)
SAID = GIVEN.model_copy(
    update={
        "summary": "Payments of northpay fail: 231 of them.",
        "ranking": (Ranked(cause="psp_outage", engine=0.93, weighed=0.95),),
        "cites": (Remark(id="e1", on="failures in the culprit: 231", words=""),),
        "doubts": (Remark(id="e2", on="failure rate: 0.66", words="it is no full outage"),),
        "objections": (Remark(id="k1", on="check confidence failed", words="it is close"),),
    }
)


def shown(opinion: Opinion | None) -> str:
    history = History(opinion=None if opinion is None else opinion.model_dump(mode="json"))
    return " ".join(text_of(incident_page(incident(), history=history)).split())


def test_an_opinion_is_shown_with_its_model_its_lines_and_its_cost() -> None:
    text = shown(SAID)
    for words in (
        "gpt-x, prompt opinion-1",
        "Payments of northpay fail: 231 of them.",
        "psp outage (93 %, 95 % with its vote)",
        "it is no full outage (failure rate: 0.66)",
        "it is close (check confidence failed)",
        "912 tokens in, 118 out",
        "It has no part in the decision",
    ):
        assert words in text


@pytest.mark.parametrize("fallback", Fallback)
def test_a_fallback_is_shown_with_its_reason(fallback: Fallback) -> None:
    assert fallback.words in shown(without(GIVEN, fallback))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cached": True, "usage": Usage()}, "the same question was answered before"),
        ({"usage": Usage()}, "it was not asked"),
    ],
)
def test_what_cost_nothing_says_so(changes: dict[str, object], words: str) -> None:
    assert words in shown(SAID.model_copy(update=changes))


def test_where_no_model_was_wanted_there_is_nothing_to_read() -> None:
    assert "language model" not in shown(None)


def test_hostile_words_stay_words() -> None:
    text = shown(SAID.model_copy(update={"summary": HOSTILE, "model": HOSTILE}))
    assert "\x1b" not in text
    assert "[red]x[/red]" in text


def test_the_totals_count_every_fallback_by_its_reason() -> None:
    text = text_of(total_line(Total(5, 2, 4, 3_600, 480, 7.5, {"busy": 2, "number": 1})))
    assert "5 opinions wanted, 2 given; 4 calls, 3,600 tokens in, 480 out" in text
    assert "3 without an opinion: its server is busy 2, " in text
