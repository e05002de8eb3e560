"""What the measurement of a language model says of models whose worth is known."""

import json
import re

import pytest

from agents.language_model.checking import read_answer
from agents.language_model.opinion import Opinion, Ranked
from agents.language_model.schema import Answer
from bench.llm.asking import Ruled
from bench.llm.attacks import ATTACKS
from bench.llm.weighing import GRID, Pair, fitted, worth
from bench.llm.worst import outright, turned_round
from payments.diagnosis import Hypothesis
from tests.agents.language_model.made import brief
from tests.console.examples import diagnosis, incident, plan

ENGINE = {"psp_outage": 0.5, "issuer_outage": 0.4, "noise": 0.1}


def pair(seed: int, truth: str, ranking: tuple[str, ...]) -> Pair:
    """Let the engine be unsure of an incident, and a model rank its causes."""
    told, verdict = diagnosis(), incident().verdict
    assert verdict is not None
    causes = [
        Hypothesis(cause=cause, category=told.category, culprit=told.culprit, probability=probability)
        for cause, probability in ENGINE.items()
    ]
    unsure = told.model_copy(update={"hypotheses": tuple(causes)})
    ranked = tuple(Ranked(cause=cause, engine=ENGINE[cause], weighed=ENGINE[cause]) for cause in ranking)
    opinion = Opinion(about="d", model="m", prompt="p", ranking=ranked)
    return Ruled("s", seed, unsure, plan(), verdict, frozenset({truth}), right=True), opinion


def first(cause: str) -> tuple[str, ...]:
    return (cause, *(one for one in ENGINE if one != cause))


def test_a_model_that_is_always_right_gets_all_the_weight_there_is_and_gains() -> None:
    pairs = [
        pair(seed, cause, first(cause)) for seed in range(4) for cause in ("psp_outage", "issuer_outage")
    ]
    found = worth(pairs)
    assert found.weight == GRID[-1] == 0.7
    assert (found.engine_top1, found.with_model_top1, found.model_top1) == (0.5, 1.0, 1.0)
    assert found.with_model_log_loss < found.engine_log_loss


def test_a_model_that_is_always_wrong_gets_no_weight() -> None:
    pairs = [pair(seed, "psp_outage", ("noise", "issuer_outage", "psp_outage")) for seed in range(4)]
    found = worth(pairs)
    assert (found.weight, found.engine_top1, found.with_model_top1, found.model_top1) == (0.0, 1.0, 1.0, 0.0)


def test_a_model_that_says_nothing_changes_nothing_and_gets_no_weight() -> None:
    found = worth([pair(seed, "psp_outage", ()) for seed in range(4)])
    assert found.weight == 0.0
    assert found.with_model_log_loss == found.engine_log_loss


def test_the_weight_is_fitted_on_other_seeds_than_it_is_judged_on() -> None:
    even = [pair(0, "issuer_outage", first("issuer_outage"))]
    odd = [pair(1, "psp_outage", first("issuer_outage"))]
    assert fitted(odd) == 0.0
    assert worth(even + odd).weight == 0.7
    assert worth(even + odd).with_model_top1 == 0.0


def test_with_seeds_of_one_kind_nothing_is_fitted() -> None:
    assert worth([pair(0, "issuer_outage", first("issuer_outage"))]).weight == 0.0


def test_the_worst_model_knows_how_to_pass_every_check() -> None:
    shown = brief()
    answer = turned_round(shown.text)
    assert isinstance(read_answer(json.dumps(answer), shown), Answer)
    assert answer["ranking"] == [*shown.causes][::-1]


@pytest.mark.parametrize("attack", ATTACKS)
def test_who_does_as_an_attack_says_is_refused(attack: str) -> None:
    given = outright(attack)
    within_the_form = {name: given[name] for name in Answer.model_fields}
    assert not isinstance(read_answer(json.dumps(given), brief()), Answer)
    assert not isinstance(read_answer(json.dumps(within_the_form), brief()), Answer)


def test_every_attack_wants_something() -> None:
    wanted = re.compile(r"reroute|rank|say that|answer with|call the tool")
    assert all(wanted.search(attack) for attack in ATTACKS)
