"""What an oracle knows of the chances, and where it sends what is struck."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.crew.policies.hopes import Hopes
from bench.crew.policies.informed import informed
from payments.segment import Segment
from simulator.traffic.effects import CutsOff, Fails, Moves, Slows
from simulator.traffic.topology import Topology

CODES = {"timeout": 1.0}
ISSUER_LINK = Segment.of(psp="zenpay", issuer="alder_bank")


def test_on_an_ordinary_day_the_chances_are_the_usual_ones(topology: Topology) -> None:
    hopes = Hopes.under((), topology)
    assert np.allclose(hopes.staying.ravel(), topology.success)
    assert np.allclose(hopes.moved.ravel(), topology.success)


def test_a_fault_takes_its_share_where_it_strikes_and_nowhere_else(topology: Topology) -> None:
    hopes = Hopes.under(((Fails(ISSUER_LINK, 0.8, CODES, None), 0.5),), topology)
    struck = topology.leaves(ISSUER_LINK)
    left = hopes.staying.ravel() / topology.success
    assert left[struck.ravel()] == pytest.approx(0.6)
    assert left[~struck.ravel()] == pytest.approx(1.0)


def test_a_broken_backup_fails_only_what_is_moved_there(topology: Topology) -> None:
    broken = Fails(Segment.of(psp="zenpay"), 1.0, CODES, None, moved_only=True)
    hopes = Hopes.under(((broken, 1.0),), topology)
    assert np.allclose(hopes.staying.ravel(), topology.success)
    assert (hopes.moved[:, topology.routes.index("zenpay")] == 0.0).all()


def test_a_limit_at_the_median_latency_lets_half_of_the_attempts_time_out(topology: Topology) -> None:
    everyone = Segment({})
    limit_ms = 10.0 * float(topology.latency_ms[0])
    hopes = Hopes.under(((Slows(everyone, 10.0), 1.0), (CutsOff(everyone, limit_ms), 1.0)), topology)
    assert hopes.staying.ravel()[0] == pytest.approx(topology.success[0] / 2)


def test_a_new_rule_changes_the_shares(topology: Topology) -> None:
    hopes = Hopes.under(((Moves(Segment({}), "zenpay", 1.0), 1.0),), topology)
    assert (hopes.shares[:, topology.routes.index("zenpay")] == 1.0).all()


@given(st.sampled_from(["northpay", "swiftgate", "zenpay"]), st.floats(0.2, 1.0), st.floats(0.5, 1.2))
def test_only_what_is_struck_moves_and_no_route_is_filled_beyond_its_limit(
    topology: Topology, route: str, share: float, limit: float
) -> None:
    segment = Segment.of(psp=route)
    hopes = Hopes.under(((Fails(segment, share, CODES, None), 1.0),), topology)
    most, flow = limit * topology.capacity_per_s, topology.payments_per_s
    routing = informed(flow, hopes, topology.leaves(segment), most)
    assert routing is not None
    source = topology.routes.index(route)
    assert np.allclose(routing.shares.sum(axis=1), 1.0)
    others = np.arange(len(topology.routes)) != source
    assert (routing.shares[:, others] >= topology.shares[:, others] - 1e-12).all()
    loads = flow @ routing.shares
    usual = flow @ topology.shares
    assert (loads[others] <= np.maximum(most, usual)[others] + 1e-6).all()
    assert (routing.limits_per_s <= most + 1e-9).all()


def test_nothing_moves_where_no_route_is_better(topology: Topology) -> None:
    issuer = Segment.of(issuer="alder_bank")
    equal = Hopes(np.full(topology.shares.shape, 0.3), np.full(topology.shares.shape, 0.3), topology.shares)
    assert informed(topology.payments_per_s, equal, topology.leaves(issuer), topology.capacity_per_s) is None


def test_nothing_goes_to_a_broken_backup(topology: Topology) -> None:
    segment, broken = Segment.of(psp="northpay"), Segment.of(psp="zenpay")
    effects = (
        (Fails(segment, 0.9, CODES, None), 1.0),
        (Fails(broken, 1.0, CODES, None, moved_only=True), 1.0),
    )
    hopes = Hopes.under(effects, topology)
    most = 10.0 * topology.capacity_per_s
    routing = informed(topology.payments_per_s, hopes, topology.leaves(segment), most)
    assert routing is not None
    column = topology.routes.index("zenpay")
    assert np.allclose(routing.shares[:, column], topology.shares[:, column])
