"""The peers of the localization measurement find what they are built to find, and no more."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.localization.adtributor import adtributor
from bench.localization.method import Instance, Method
from bench.localization.riskloc import riskloc
from payments.segment import Segment

SHAPE = (4, 5, 6)
PEERS = pytest.mark.parametrize("peer", [adtributor, riskloc], ids=["adtributor", "riskloc"])


def grid(factors: dict[str, float], noise: float = 0.01, shape: tuple[int, ...] = SHAPE) -> Instance:
    """Make dense leaves of about 100 each; the leaves of `a=0 & b=1` are multiplied by its factor."""
    leaves = np.array(list(product(*map(range, shape))), dtype=np.intp).reshape(-1, len(shape))
    random = np.random.default_rng(7)
    expected = random.uniform(80.0, 120.0, len(leaves))
    real = expected * random.uniform(1 - noise, 1 + noise, len(leaves))
    names = tuple("abcdefghij"[: len(shape)])
    values = tuple(tuple(str(code) for code in range(size)) for size in shape)
    plain = Instance("grid", names, values, leaves, real, expected)
    for words, factor in factors.items():
        real[plain.mask(segment(words))] *= factor
    return plain


def segment(words: str) -> Segment:
    return Segment(dict(pair.split("=") for pair in words.split(" & ")))


def causes(*words: str) -> frozenset[Segment]:
    return frozenset(map(segment, words))


@PEERS
@pytest.mark.parametrize("factor", [0.3, 2.0])
def test_a_single_value_is_found_in_both_directions(peer: Method, factor: float) -> None:
    assert peer(grid({"b=2": factor}), 1) == [causes("b=2")]


@PEERS
def test_two_values_of_one_attribute_are_found_together(peer: Method) -> None:
    assert peer(grid({"c=1": 0.4, "c=4": 0.5}), 1) == [causes("c=1", "c=4")]


def test_adtributor_names_one_attribute_where_two_combine() -> None:
    answers = adtributor(grid({"a=1 & b=2": 0.1}), 2)
    assert set(answers) == {causes("a=1"), causes("b=2")}


def test_adtributor_ranks_the_attribute_with_the_greater_surprise_first() -> None:
    # Revenue falls alike in both data centres; only one device stops. x explains most, yet surprises nobody.
    leaves = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.intp)
    expected = np.array([45.0, 45.0, 5.0, 5.0])
    real = np.array([45.0, 0.0, 5.0, 0.0])
    instance = Instance("revenue", ("centre", "device"), (("x", "y"), ("pc", "tv")), leaves, real, expected)
    assert adtributor(instance, 5) == [causes("device=tv"), causes("centre=x")]


def test_adtributor_blames_a_ratio_that_rose_and_not_a_volume_that_grew() -> None:
    # Traffic of b=1 doubles at its old ratio, which changes no ratio; b=2 fails five times as often.
    leaves = np.arange(3, dtype=np.intp).reshape(-1, 1)
    past_total, past_bad = np.full((4, 3), 1000.0), np.full((4, 3), 50.0)
    total, real = np.array([1000.0, 2000.0, 1000.0]), np.array([50.0, 100.0, 250.0])
    instance = Instance(
        "ratio", ("b",), (("0", "1", "2"),), leaves, real, total * 0.05, total, past_bad, past_total
    )
    assert adtributor(instance, 1) == [causes("b=2")]


def test_adtributor_of_a_ratio_without_history_uses_the_expected_events() -> None:
    leaves = np.arange(3, dtype=np.intp).reshape(-1, 1)
    total, real = np.full(3, 1000.0), np.array([50.0, 52.0, 250.0])
    instance = Instance("ratio", ("b",), (("0", "1", "2"),), leaves, real, total * 0.05, total)
    assert adtributor(instance, 1) == [causes("b=2")]


def test_adtributor_is_silent_when_no_few_values_explain_enough() -> None:
    assert adtributor(grid({}, noise=0.0, shape=(20,)), 5) == []


@pytest.mark.parametrize("words", ["a=1 & b=2", "a=0 & c=3", "b=4 & c=5"])
def test_riskloc_finds_a_combination(words: str) -> None:
    assert riskloc(grid({words: 0.3}), 1) == [causes(words)]


def test_riskloc_finds_two_combinations_of_unlike_attributes_and_strengths() -> None:
    expected = causes("a=1 & b=2", "b=4 & c=5")
    assert riskloc(grid({"a=1 & b=2": 0.3, "b=4 & c=5": 0.6}), 1) == [expected]


def test_riskloc_finds_one_leaf_that_stops() -> None:
    assert riskloc(grid({"a=3 & b=0 & c=2": 0.0}), 1) == [causes("a=3 & b=0 & c=2")]


def test_riskloc_finds_one_leaf_that_nobody_expected() -> None:
    plain = grid({})
    leaf = plain.mask(segment("a=3 & b=0 & c=2"))
    instance = Instance(
        "new", plain.attributes, plain.values, plain.leaves,
        np.where(leaf, 500.0, plain.real), np.where(leaf, 0.0, plain.expected),
    )  # fmt: skip
    assert riskloc(instance, 1) == [causes("a=3 & b=0 & c=2")]


def test_riskloc_does_not_blame_a_parent_of_which_only_a_part_fell() -> None:
    found = riskloc(grid({"a=1 & b=2": 0.3}), 5)
    assert not any(cause in causes("a=1", "b=2") for answer in found for cause in answer)


def test_riskloc_ranks_rivals_alone_after_the_whole_set() -> None:
    first, *others = riskloc(grid({"a=1": 0.2, "a=3": 0.5}), 5)
    assert first == causes("a=1", "a=3")
    assert others == [causes("a=1"), causes("a=3")]


def test_riskloc_leaves_noise_alone() -> None:
    assert riskloc(grid({}, noise=0.1, shape=(10, 10, 10)), 1) == []


def test_riskloc_numbers_more_elements_than_a_machine_word_holds() -> None:
    values = tuple(tuple(str(code) for code in range(200)) for _ in range(9))
    leaves = np.random.default_rng(3).integers(0, 200, (50, 9)).astype(np.intp)
    leaves[:10, 8] = 7
    leaves[10:, 8] = np.arange(40) % 6
    expected = np.full(50, 10.0)
    real = np.where(np.arange(50) < 10, 1.0, 10.0)
    real[10:16] = [11.0, 10.9, 11.2, 11.1, 10.8, 10.7]
    instance = Instance("wide", tuple("abcdefghi"), values, leaves, real, expected)
    assert riskloc(instance, 1) == [causes("i=7")]


@PEERS
def test_without_leaves_there_is_no_answer(peer: Method) -> None:
    nothing = np.zeros(0)
    empty = Instance("empty", ("a",), (("x",),), np.zeros((0, 1), dtype=np.intp), nothing, nothing)
    assert peer(empty, 5) == []


@PEERS
@given(
    numbers=st.lists(
        st.tuples(
            st.integers(0, 2), st.integers(0, 1), st.floats(0, 1e12), st.floats(0, 1e12), st.booleans()
        ),
        max_size=30,
    ),
    k=st.integers(1, 5),
)
def test_any_amounts_give_at_most_k_different_answers_that_exist(
    peer: Method, numbers: list[tuple[int, int, float, float, bool]], k: int
) -> None:
    leaves = np.array([row[:2] for row in numbers], dtype=np.intp).reshape(-1, 2)
    real = np.array([0.0 if row[4] else row[2] for row in numbers])
    expected = np.array([row[3] for row in numbers])
    instance = Instance("any", ("a", "b"), (("x", "y", "z"), ("=", "&")), leaves, real, expected)
    answers = peer(instance, k)
    assert len(answers) == len(set(answers)) <= k
    for answer in answers:
        assert answer
        assert all(instance.mask(cause).any() for cause in answer)
