"""Which segments of a world a fault may strike: large enough to be seen, not all there is."""

from collections.abc import Sequence

import numpy as np

from payments.segment import Segment
from simulator.traffic.topology import Topology

_TINY_PER_S, _TINY_CELLS = 0.04, 20


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


def every_issuer(topology: Topology) -> Sequence[Segment]:
    """Every issuer, however small."""
    return _of("issuer", topology)


def every_merchant(topology: Topology) -> Sequence[Segment]:
    """Every merchant but the largest, so that what happens there does not choke the routes of all."""
    return sorted(_of("merchant", topology), key=topology.per_s)[:-1]


def every_link(topology: Topology) -> Sequence[Segment]:
    """Every pair of issuer and route, however small."""
    return _pairs(every_issuer(topology), routes(topology))


def merchant_cards(topology: Topology) -> Sequence[Segment]:
    """The cards of one network or one issuer at one merchant."""
    cards = [
        *card_networks(topology),
        *(Segment({**i.root, "method": "card"}) for i in every_issuer(topology)),
    ]
    return _pairs(every_merchant(topology), cards)


def card_issuers_or_countries(topology: Topology) -> Sequence[Segment]:
    """The cards of one issuer, or of each country's issuers."""
    issuers_cards = _pairs(every_issuer(topology), [Segment.of(method="card")])
    return [*issuers_cards, *card_countries(topology)]


def routes_or_everything(topology: Topology) -> Sequence[Segment]:
    """Every route, or all payments at once."""
    return [*routes(topology), *everything(topology)]


def routes_or_merchants(topology: Topology) -> Sequence[Segment]:
    """Every route and every merchant."""
    return [*routes(topology), *_of("merchant", topology)]


def methods(topology: Topology) -> Sequence[Segment]:
    """Every method that is not a card."""
    return [Segment.of(method=name) for name in topology.values("method") if name != "card"]


def tiny_cells(topology: Topology) -> Sequence[Segment]:
    """The cells with a payment or so in half a minute: enough to look bad, too few to say anything."""
    flow = (topology.payments_per_s[:, None] * topology.shares).ravel()
    nearest = np.argsort(np.abs(np.log(flow / _TINY_PER_S)))[:_TINY_CELLS]
    keys = (topology.cells.keys[row] for row in nearest)
    return [Segment(dict(zip(topology.cells.attributes, key, strict=True))) for key in keys]


def _of(attribute: str, topology: Topology) -> Sequence[Segment]:
    return [Segment({attribute: value}) for value in topology.values(attribute)]


def _pairs(some: Sequence[Segment], others: Sequence[Segment]) -> Sequence[Segment]:
    return [Segment({**one.root, **other.root}) for one in some for other in others]


def _larger_half(segments: Sequence[Segment], topology: Topology) -> Sequence[Segment]:
    flows = [topology.per_s(segment) for segment in segments]
    middle = float(np.median(flows))
    return [segment for segment, flow in zip(segments, flows, strict=True) if flow >= middle]


def _least_used(merchant: Segment, topology: Topology) -> Segment:
    cells = [Segment({**merchant.root, "psp": psp}) for psp in topology.routes]
    return min(cells, key=topology.per_s)
