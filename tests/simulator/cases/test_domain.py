"""What the catalogue says about single families, held against their numbers."""

import pytest

from simulator.cases.beliefs import NOTHING_ASKED, Beliefs, FileState, asked, beliefs_of
from simulator.cases.bounds import act_usd
from simulator.cases.catalogue import catalogue, family_named
from simulator.cases.draw import draw_case
from simulator.cases.engine import Episode
from simulator.cases.family import Family
from simulator.cases.graph_shapes import GraphShape
from simulator.cases.graphs import draw_graph
from simulator.cases.guardrails import closed_act
from simulator.cases.moves import Move
from simulator.cases.policies import optimal, play
from simulator.cases.prices import probe_usd
from simulator.cases.solver import solve
from simulator.cases.tasks import single
from simulator.cases.vocabulary import ACTS, BUDGET_TENTHS, PROBES, Act, Report

INSPECT, DOCS, KYC, CONTACT = range(len(PROBES))
HINTED = [family for family in catalogue() if family.hints]
TOGETHER = [("cycle_round_trip", DOCS), ("layered_shells", KYC), ("refund_abuse", DOCS)]


def told(state: FileState) -> int:
    return sum(answer >= 0 for answer in state)


def least_usd(beliefs: Beliefs, state: FileState) -> float:
    expected, facts = beliefs.losses @ beliefs.joint(state), beliefs.facts(state)
    return min(float(expected[code]) for code, act in enumerate(ACTS) if closed_act(act, facts) is None)


def moves_of(family: Family, seed: int) -> list[str]:
    return play(optimal, Episode(single(family), seed)).moves


@pytest.mark.parametrize("family", HINTED, ids=lambda family: family.name)
def test_the_optimum_asks_the_first_of_the_hinted_questions_in_most_cases(family: Family) -> None:
    asked_it = sum(family.hints[0] in moves_of(family, seed) for seed in range(60))
    assert asked_it > 30


@pytest.mark.parametrize(("name", "other"), TOGETHER)
def test_two_questions_that_say_nothing_alone_decide_together(name: str, other: int) -> None:
    beliefs = beliefs_of(family_named(name))
    prior = beliefs.confidence(NOTHING_ASKED)
    for answer in (0, 2):
        for question in (INSPECT, other):
            assert abs(beliefs.confidence(asked(NOTHING_ASKED, question, answer)) - prior) < 0.06
        looked = asked(NOTHING_ASKED, INSPECT, answer)
        told = [beliefs.confidence(asked(looked, other, second)) for second in (0, 2)]
        assert min(told) < 0.1
        assert max(told) > 0.85


def test_the_boundary_case_is_always_exactly_ten_thousand() -> None:
    family = family_named("exactly_ten_thousand")
    assert {draw_case(family, f"{seed}").screen["amount"] for seed in range(30)} == {10_000.0}


@pytest.mark.parametrize(("answer", "report"), [(1, "ctr"), (2, "none")])
def test_a_currency_report_is_filed_above_ten_thousand_and_not_at_it(answer: int, report: Report) -> None:
    solution = solve((family_named("exactly_ten_thousand"),))
    state = asked(NOTHING_ASKED, INSPECT, answer)
    choice = solution.choice(state, BUDGET_TENTHS - 1, 0)
    if choice == "request_docs":
        choice = solution.choice(asked(state, DOCS, 2), BUDGET_TENTHS - 3, 0)
    assert choice == Act("approve", report)


def test_papers_of_the_alleged_abuser_cannot_be_asked_for() -> None:
    episode = Episode(single(family_named("elder_exploitation")), 1)
    episode.take(Move("request_docs", episode.case.transaction_id))
    assert [breach.guardrail for breach in episode.breaches] == ["G1"]
    assert episode.ledger.total == 0.0


@pytest.mark.parametrize("number", ["14", "15", "16", "17", "18"])
def test_victims_may_be_called_under_the_strict_profile(number: str) -> None:
    family = family_named(number)
    assert family.exempt_contact
    assert solve((family,), "strict").least_usd <= min(act_usd(family, act) for act in ACTS)


@pytest.mark.parametrize("family", catalogue(), ids=lambda family: family.name)
def test_asking_everything_loses_more_than_the_optimum(family: Family) -> None:
    beliefs, solution = beliefs_of(family), solve((family,))
    most = max(told(state) for state in solution.choices)
    full = [state for state in solution.choices if told(state) == most]
    asks = [probe for probe, answer in zip(PROBES, full[0], strict=True) if answer >= 0]
    work = sum(probe_usd(probe, done) for done, probe in enumerate(asks))
    assert work + sum(least_usd(beliefs, state) for state in full) > solution.least_usd + 20.0


@pytest.mark.parametrize("seed", range(5))
def test_the_shortest_loop_of_a_cycle_is_the_one_that_is_drawn(seed: int) -> None:
    graph = draw_graph(GraphShape("cycle", spokes=(3, 6)), str(seed))
    nodes, edges = graph["nodes"], graph["edges"]
    assert isinstance(nodes, list)
    assert isinstance(edges, list)
    assert [node["shortest_cycle_hops"] for node in nodes if node.get("subject")] == [len(edges)]
