"""Reroutes in the simulated world: who moves, how many, and that nobody else notices."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from payments.action import Reroute, Suppress
from payments.segment import Segment
from payments.window import Window
from simulator.traffic.arrays import cumulative, drawn
from simulator.traffic.detours import Arrivals, Detour, route
from simulator.traffic.source import TrafficSource
from tests.simulator.traffic.made import read, source

SCOPE = Segment.of(psp="northpay")
TO = {"unipay": 0.75, "zenpay": 0.25}


def reroute(share: float = 0.9, **limits_per_s: float) -> Reroute:
    return Reroute(scope=SCOPE, from_route="northpay", to=TO, share=share, limits_per_s=limits_per_s)


def twins(folder: Path, *actions: Reroute | Suppress) -> tuple[TrafficSource, TrafficSource]:
    """Two worlds of the same luck, of which the first one obeys the actions."""
    live, twin = source("quiet", folder), source("quiet", folder)
    for world in (live, twin):
        read(world, 1)
    for number, action in enumerate(actions):
        live.actuator.apply(action, f"k{number}", 3600.0)
    return live, twin


def firsts(window: Window, psp: str) -> int:
    """Count the first attempts on a route: they are the same payments in both worlds."""
    assert window.payments is not None
    return int(window.payments[window.cells.mask(Segment.of(psp=psp))].sum())


def test_a_target_takes_no_more_than_its_tokens_in_any_tick(tmp_path: Path) -> None:
    live, twin = twins(tmp_path, reroute(0.1, unipay=3.3, zenpay=1.0))
    live.actuator.apply(reroute(0.95, unipay=3.3, zenpay=1.0), "more", 3600.0, replaces="k0")
    more = {"unipay": 0, "zenpay": 0}
    for ours, theirs in zip(read(live, 24), read(twin, 24), strict=True):
        for psp, limit in (("unipay", 3.3), ("zenpay", 1.0)):
            extra = firsts(ours, psp) - firsts(theirs, psp)
            assert extra <= np.ceil(limit * 5.0)
            more[psp] += extra
    assert more["zenpay"] <= 24 * 5
    assert more["unipay"] <= round(24 * 5 * 3.3)
    assert sum(more.values()) > 0.8 * 24 * 5 * 4.3


def test_what_exceeds_one_target_goes_to_the_one_with_most_room(tmp_path: Path) -> None:
    live, twin = twins(tmp_path, reroute(0.5, unipay=0.2, zenpay=500.0))
    ours, theirs = read(live, 1)[0], read(twin, 1)[0]
    left = firsts(theirs, "northpay") - firsts(ours, "northpay")
    assert firsts(ours, "unipay") - firsts(theirs, "unipay") == 1
    assert firsts(ours, "zenpay") - firsts(theirs, "zenpay") == left - 1
    assert left == pytest.approx(0.5 * firsts(theirs, "northpay"), rel=0.2)


def test_what_finds_no_tokens_stays_on_the_source(tmp_path: Path) -> None:
    live, twin = twins(tmp_path, reroute(1.0, unipay=0.2, zenpay=0.2))
    ours, theirs = read(live, 1)[0], read(twin, 1)[0]
    assert firsts(theirs, "northpay") - firsts(ours, "northpay") == 2


def test_a_reroute_without_room_leaves_the_world_as_it_was(tmp_path: Path) -> None:
    live, twin = twins(tmp_path, reroute(1.0, unipay=1e-9, zenpay=1e-9))
    for ours, theirs in zip(read(live, 12), read(twin, 12), strict=True):
        for name in ("attempts", "successes", "pending", "failures_by_code", "latency", "amount_minor"):
            assert np.array_equal(getattr(ours, name), getattr(theirs, name))


def test_the_payments_of_other_routes_take_the_same_way(tmp_path: Path) -> None:
    live, twin = twins(tmp_path, reroute(0.9, unipay=20.0, zenpay=20.0))
    ours, theirs = read(live, 1)[0], read(twin, 1)[0]
    others = [psp for psp in live.topology.routes if psp not in {"northpay", "unipay", "zenpay"}]
    assert others
    assert [firsts(ours, psp) for psp in others] == [firsts(theirs, psp) for psp in others]


def test_a_larger_share_moves_the_same_payments_and_more(tmp_path: Path) -> None:
    small, twin = twins(tmp_path, reroute(0.1))
    large, _ = twins(tmp_path, reroute(0.9))
    left = [firsts(world.read(), "northpay") for world in (twin, small, large)]
    assert left == sorted(left, reverse=True)


def test_two_reroutes_have_limits_of_their_own(tmp_path: Path) -> None:
    card = reroute(0.9, unipay=1.0, zenpay=1.0).model_copy(
        update={"scope": Segment.of(psp="northpay", method="card")}
    )
    upi = card.model_copy(update={"scope": Segment.of(psp="northpay", method="upi")})
    live, twin = twins(tmp_path, card, upi)
    ours, theirs = read(live, 1)[0], read(twin, 1)[0]
    for psp in ("unipay", "zenpay"):  # a repeat may have had a token or two
        assert 8 <= firsts(ours, psp) - firsts(theirs, psp) <= 10


def test_nothing_moves_to_a_path_that_is_suppressed(tmp_path: Path) -> None:
    live, _ = twins(tmp_path, Suppress(scope=Segment.of(psp="unipay")), reroute(0.9))
    window = live.read()
    assert firsts(window, "unipay") == 0
    assert firsts(window, "zenpay") > 0


def test_tokens_add_up_to_the_limit_over_time() -> None:
    detour = Detour(
        demand=np.ones(1, dtype=np.bool_),
        source=0,
        share=1.0,
        targets=np.array([1, 2]),
        edges=np.array([0.5, 1.0]),
        limits_per_s=np.array([0.07, np.inf]),
    )
    tokens = np.array([detour.tokens(tick, 5.0) for tick in range(1000)])
    assert tokens[:, 0].sum() == 350
    assert set(tokens[:, 0]) == {0.0, 1.0}
    assert np.isinf(tokens[:, 1]).all()


SHARES = arrays.arrays(np.float64, (3, 4), elements=st.floats(0.01, 1.0))
LUCK = arrays.arrays(np.float64, st.integers(0, 60), elements=st.floats(0.0, 1.0, exclude_max=True))


@given(shares=SHARES, luck=LUCK, share=st.floats(0.01, 1.0), tokens=st.tuples(*[st.integers(0, 20)] * 2))
def test_no_target_ever_takes_more_than_its_tokens_and_only_the_source_gives(
    shares: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    luck: np.ndarray[tuple[int], np.dtype[np.float64]],
    share: float,
    tokens: tuple[int, int],
) -> None:
    demand = np.arange(len(luck)) % 3
    detour = Detour(
        demand=np.array([True, True, False]),
        source=1,
        share=share,
        targets=np.array([0, 3]),
        edges=np.array([0.4, 1.0]),
        limits_per_s=np.full(2, np.inf),
    )
    closed = np.zeros((3, 4), dtype=np.bool_)
    edges = cumulative(shares)
    arrivals = Arrivals(demand, luck, drawn(edges, demand, luck), shares, edges, closed)
    usual = route(arrivals, ())
    taken = route(arrivals, [(detour, np.array(tokens, dtype=np.float64))])
    moved = taken != usual
    assert set(usual[moved]) <= {1}
    assert set(demand[moved]) <= {0, 1}
    for target, most in zip((0, 3), tokens, strict=True):
        assert int((taken[moved] == target).sum()) <= most
