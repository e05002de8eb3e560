"""Which segments of a world a fault may strike: large enough to be seen, not all there is."""

from collections.abc import Sequence

import numpy as np

from payments.segment import Segment
from simulator.traffic.topology import Topology


def everything(_topology: Topology) -> Sequence[Segment]:
    """All payments at once."""
    return (Segment({}),)


def issuers(topology: Topology) -> Sequence[Segment]:
    """The larger half of the issuers."""
    return _larger_half([Segment.of(issuer=name) for name in topology.values("issuer")], topology)


def routes(topology: Topology) -> Sequence[Segment]:
    """Every route."""
    return [Segment.of(psp=name) for name in topology.routes]


def links(topology: Topology) -> Sequence[Segment]:
    """The larger half of the pairs of issuer and route."""
    pairs = [
        Segment.of(issuer=issuer, psp=psp) for issuer in topology.values("issuer") for psp in topology.routes
    ]
    return _larger_half(pairs, topology)


def card_networks(topology: Topology) -> Sequence[Segment]:
    """Every network of cards."""
    return [Segment.of(network=network) for method, network, _ in topology.config.combos if method == "card"]


def card_countries(topology: Topology) -> Sequence[Segment]:
    """The cards of each country's issuers."""
    return [Segment.of(country=country, method="card") for country in topology.values("country")]


def small_merchants(topology: Topology) -> Sequence[Segment]:
    """The smaller half of the merchants, so that what happens there does not choke the routes of all."""
    merchants = [Segment.of(merchant=name) for name in topology.values("merchant")]
    return sorted(merchants, key=topology.per_s)[: max(1, len(merchants) // 2)]


def small_merchant_cards(topology: Topology) -> Sequence[Segment]:
    """One large card network at each of the smaller merchants."""
    networks = sorted(card_networks(topology), key=topology.per_s)[-2:]
    return [Segment({**m.root, **n.root}) for m in small_merchants(topology) for n in networks]


def unused_routes(topology: Topology) -> Sequence[Segment]:
    """Each of the middling merchants on the route that it uses least."""
    merchants = sorted(
        (Segment.of(merchant=name) for name in topology.values("merchant")), key=topology.per_s
    )
    return [_least_used(merchant, topology) for merchant in merchants[1:-1] or merchants]


def routes_or_everything(topology: Topology) -> Sequence[Segment]:
    """Every route, or all payments at once."""
    return [*routes(topology), *everything(topology)]


def _larger_half(segments: Sequence[Segment], topology: Topology) -> Sequence[Segment]:
    flows = [topology.per_s(segment) for segment in segments]
    middle = float(np.median(flows))
    return [segment for segment, flow in zip(segments, flows, strict=True) if flow >= middle]


def _least_used(merchant: Segment, topology: Topology) -> Segment:
    cells = [Segment({**merchant.root, "psp": psp}) for psp in topology.routes]
    return min(cells, key=topology.per_s)
