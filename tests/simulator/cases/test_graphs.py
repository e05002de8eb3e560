"""What a graph says of its accounts is what its payments say."""

from collections import Counter
from typing import TypedDict, cast, get_args

import pytest

from simulator.cases.graph_shapes import GraphShape, Pattern
from simulator.cases.graphs import draw_graph


class Payment(TypedDict):
    source: str
    target: str
    amount: float
    hour: float


PATTERNS = get_args(Pattern)
SEEDS = range(10)


def drawn(pattern: Pattern, seed: int) -> tuple[list[dict[str, object]], list[Payment]]:
    graph = draw_graph(GraphShape(pattern, amount=(200.0, 900.0)), str(seed))
    return cast("list[dict[str, object]]", graph["nodes"]), cast("list[Payment]", graph["edges"])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_counts_of_an_account_are_those_of_its_payments(pattern: Pattern) -> None:
    for seed in SEEDS:
        nodes, edges = drawn(pattern, seed)
        late = [edge for edge in edges if edge["hour"] >= 144.0]
        for suffix, payments in (("7d", edges), ("24h", late)):
            into, out = (Counter(edge[end] for edge in payments) for end in ("target", "source"))
            assert [node[f"fan_in_{suffix}"] for node in nodes] == [into[str(node["id"])] for node in nodes]
            assert [node[f"fan_out_{suffix}"] for node in nodes] == [out[str(node["id"])] for node in nodes]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_names_are_different_and_of_one_form(pattern: Pattern) -> None:
    for seed in SEEDS:
        names = [str(node["id"]) for node in drawn(pattern, seed)[0]]
        assert len(set(names)) == len(names)
        assert all(len(name) == 5 and name[0] == "N" and name[1:].isdigit() for name in names)


def test_the_place_of_the_subject_in_the_list_says_nothing() -> None:
    places = Counter(
        next(at for at, node in enumerate(drawn("cycle", seed)[0]) if node.get("subject"))
        for seed in range(200)
    )
    assert len(places) >= 8
    assert max(places.values()) < 60


@pytest.mark.parametrize("pattern", PATTERNS)
def test_payments_are_in_order_of_time_and_within_their_amounts(pattern: Pattern) -> None:
    for seed in SEEDS:
        edges = drawn(pattern, seed)[1]
        hours = [edge["hour"] for edge in edges]
        assert hours == sorted(hours)
        assert hours[0] >= 0.0
        assert hours[-1] < 168.0
        assert all(200.0 <= edge["amount"] <= 900.0 for edge in edges)
