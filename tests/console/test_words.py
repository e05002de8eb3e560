"""Actions and figures in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.terminal.words import (
    action_words,
    count,
    duration,
    evidence_words,
    number,
    percent,
    plan_words,
    saved_words,
)
from payments.action import Action, AdjustRetryPolicy, Alert, NoAction, Reroute, Suppress
from payments.diagnosis import EvidenceItem
from payments.plan import Interval
from payments.segment import Segment
from tests.console.examples import CULPRIT, REROUTE, plan

ISSUER = Segment.of(issuer="hillbank")


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (REROUTE, "Reroute 98 % of psp=northpay to swiftgate 60 %, unipay 40 %"),
        (
            Reroute(scope=ISSUER, from_route="northpay", to={"unipay": 1.0}, share=0.125),
            "Reroute 12.5 % of issuer=hillbank on northpay to unipay 100 %",
        ),
        (
            AdjustRetryPolicy(scope=ISSUER, max_attempts=1, backoff_s=0),
            "Do not retry failed payments of issuer=hillbank",
        ),
        (
            AdjustRetryPolicy(scope=ISSUER, max_attempts=3, backoff_s=90),
            "Try payments of issuer=hillbank at most 3 times, 1.5 min apart",
        ),
        (
            AdjustRetryPolicy(scope=ISSUER, max_attempts=2, backoff_s=0),
            "Try payments of issuer=hillbank at most 2 times",
        ),
        (Suppress(scope=CULPRIT), "Offer psp=northpay to no payment"),
        (
            Alert(scope=CULPRIT, message="look\nhere"),
            "Alert operators (warning) about psp=northpay: look here",
        ),
        (NoAction(scope=Segment({}), reason="it is planned"), "None: it is planned"),
    ],
)
def test_an_action_is_said_in_one_sentence(action: Action, words: str) -> None:
    assert action_words(action) == words


def test_a_plan_says_when_it_undoes_itself() -> None:
    assert plan_words(plan()).endswith("unipay 40 %; undone after 15 min")


def test_a_plan_that_touches_nothing_has_nothing_to_undo() -> None:
    assert plan_words(plan(NoAction(scope=CULPRIT, reason="wait"))) == "None: wait"


def test_savings_are_said_with_their_interval() -> None:
    assert saved_words(Interval(low=80.2, mean=120.4, high=1600)) == "120 payments (80 to 1,600)"


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (
            EvidenceItem(id="a", label="failures", observed=1234, expected=9.96),
            "failures 1,234 payments, expected 10.0",
        ),
        (EvidenceItem(id="d", label="all attempts", observed=7, unit="attempts"), "all attempts 7"),
        (EvidenceItem(id="b", label="rate", observed=0.5, unit="share"), "rate 50 %"),
        (
            EvidenceItem(id="c", label="p95", observed=0.0123, expected=0, unit="ms"),
            "p95 0.0123 ms, expected 0",
        ),
    ],
)
def test_evidence_is_said_beside_what_was_expected(item: EvidenceItem, words: str) -> None:
    assert evidence_words(item) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "5 s"), (0.5, "0.5 s"), (60, "1 min"), (900, "15 min"), (5400, "1.5 h"), (172800, "2 d")],
)
def test_a_duration_is_said_in_its_largest_unit(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("fraction", "words"), [(0.98, "98 %"), (0.9376, "93.8 %"), (0.00042, "0.042 %"), (0, "0 %"), (None, "-")]
)
def test_a_fraction_is_said_in_percent(fraction: float | None, words: str) -> None:
    assert percent(fraction) == words


@given(st.floats())
def test_every_number_can_be_written_and_none_is_long(value: float) -> None:
    assert all(len(say(value)) < 24 for say in (number, count))
    assert percent(value)
    assert duration(value)
