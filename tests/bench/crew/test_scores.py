"""Shares of what could be saved, and their intervals."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.crew.worth.scores import Interval, Kinds, Worth, counted, resampled, shares
from payments.quantity import Floats

ORACLE = "oracle"


def worth(kinds: list[str], saved: dict[str, list[float]], times: int = 200) -> Worth:
    which = Kinds.of(kinds)
    columns = {name: np.array(values) for name, values in saved.items()}
    every = np.ones(len(which.names), dtype=np.bool_)
    return Worth(which, columns, ORACLE, every, resampled(which, np.random.default_rng(0), times))


episodes = st.lists(
    st.tuples(st.sampled_from("abc"), st.floats(1.0, 1e4), st.floats(-1e4, 1e4)), min_size=1, max_size=30
)


@settings(max_examples=40)
@given(episodes)
def test_the_oracle_saves_all_and_nothing_saves_none_in_every_kind_and_every_resample(
    rows: list[tuple[str, float, float]],
) -> None:
    best = [row[1] for row in rows]
    found = worth([row[0] for row in rows], {ORACLE: best, "nothing": [0.0] * len(rows)}, times=20)
    assert found.mean(ORACLE) == pytest.approx(1.0)
    assert found.mean("nothing") == 0.0
    assert found.mean_interval(ORACLE) in (None, pytest.approx(Interval(1.0, 1.0)))


@settings(max_examples=40)
@given(episodes, st.floats(0.01, 100.0))
def test_the_unit_of_what_is_saved_does_not_matter(
    rows: list[tuple[str, float, float]], factor: float
) -> None:
    kinds, best, some = [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
    one = worth(kinds, {ORACLE: best, "some": some}, times=20)
    scaled = {ORACLE: [factor * value for value in best], "some": [factor * value for value in some]}
    other = worth(kinds, scaled, times=20)
    assert one.mean("some") == pytest.approx(other.mean("some"))


@settings(max_examples=40)
@given(episodes, st.randoms(use_true_random=False))
def test_the_order_of_the_episodes_does_not_matter(
    rows: list[tuple[str, float, float]], shuffle: Random
) -> None:
    mixed = shuffle.sample(rows, len(rows))
    means = [
        worth([r[0] for r in some], {ORACLE: [r[1] for r in some], "p": [r[2] for r in some]}, 10).mean("p")
        for some in (rows, mixed)
    ]
    assert means[0] == pytest.approx(means[1])


def test_a_share_is_a_ratio_of_sums_and_not_a_mean_of_ratios() -> None:
    found = worth(["a", "a"], {ORACLE: [100.0, 1.0], "p": [90.0, 0.0]})
    assert found.mean("p") == pytest.approx(90.0 / 101.0)


def test_each_kind_has_the_same_weight_however_much_there_was_to_be_saved() -> None:
    found = worth(["a", "b"], {ORACLE: [1e6, 10.0], "p": [1e6, 0.0]})
    assert found.mean("p") == pytest.approx(0.5)


def test_where_nothing_could_be_saved_there_is_no_share() -> None:
    assert np.isnan(shares(np.array([3.0]), np.array([0.0]))[0])


def test_a_kind_counts_from_a_thousandth_of_its_payments_on() -> None:
    kinds = Kinds.of(["a", "b", "b"])
    gain, payments = np.array([1.0, 1.0, 0.9]), np.array([1_000.0] * 3)
    assert counted(kinds, gain, payments).tolist() == [True, False]


def test_one_draw_serves_all_policies_so_a_policy_never_leads_itself() -> None:
    rng = np.random.default_rng(3)
    best = rng.uniform(50.0, 100.0, 12)
    saved = {ORACLE: best.tolist(), "p": (best * rng.uniform(0.2, 1.0, 12)).tolist()}
    assert worth(["a"] * 6 + ["b"] * 6, saved).lead("p", "p") == (0.0, Interval(0.0, 0.0))


def test_a_steady_lead_is_sure_though_each_share_is_uncertain() -> None:
    rng = np.random.default_rng(4)
    best = rng.uniform(50.0, 100.0, 20)
    luck = rng.uniform(0.2, 0.9, 20)
    saved = {"p": best * luck, "q": best * (luck - 0.05), ORACLE: best}
    found = worth(["a"] * 20, {name: column.tolist() for name, column in saved.items()}, times=2_000)
    ahead, interval = found.lead("p", "q")
    assert ahead == pytest.approx(0.05)
    assert interval is not None
    assert interval.low > 0.0
    p, q = found.mean_interval("p"), found.mean_interval("q")
    assert p is not None
    assert q is not None
    assert q.high > p.low


def test_a_kind_that_was_played_once_has_no_interval() -> None:
    found = worth(["a", "b", "b"], {ORACLE: [10.0, 10.0, 20.0], "p": [5.0, 5.0, 5.0]})
    assert found.kind_intervals("p")[0] is None
    assert found.kind_intervals("p")[1] is not None
    assert found.mean_interval("p") is None


def test_a_resample_draws_within_kinds_and_one_episode_fewer() -> None:
    kinds = Kinds.of(["a"] * 5 + ["b"] * 3 + ["c"])
    weights = resampled(kinds, np.random.default_rng(1), times=50)
    assert (weights @ kinds.member == [4.0, 2.0, 1.0]).all()


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(200):
        best = rng.exponential(100.0, 24)
        saved: dict[str, Floats] = {"p": best * rng.normal(0.7, 0.2, 24), ORACLE: best}
        kinds = Kinds.of(["a"] * 8 + ["b"] * 8 + ["c"] * 8)
        found = Worth(kinds, saved, ORACLE, np.ones(3, dtype=np.bool_), resampled(kinds, rng, times=300))
        interval = found.mean_interval("p")
        assert interval is not None
        held += interval.low <= 0.7 <= interval.high
    assert 0.86 <= held / 200 <= 0.99
