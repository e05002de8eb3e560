"""Everything that can go wrong in this world, one row a cause, with the right answer to each."""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from payments.action import ActionKind
from payments.errors import NotFoundError
from payments.incident import Category
from payments.segment import Segment
from simulator.traffic import culprits
from simulator.traffic.effects import (
    Attacks,
    Effect,
    Fails,
    Hides,
    Moves,
    Provisions,
    Renames,
    Retries,
    Slows,
    Surges,
    Throttles,
)
from simulator.traffic.scenario import Fault, Scenario

__all__ = ["Fault", "Scenario", "scenario", "scenarios"]

_REROUTE, _RETRY = ActionKind.REROUTE, ActionKind.RETRY_POLICY
_SUPPRESS, _ALERT, _NONE = ActionKind.SUPPRESS, ActionKind.ALERT, ActionKind.NONE
_TRAFFIC = frozenset({_REROUTE, _RETRY, _SUPPRESS})

_CARD_USER = {"51": 0.6, "55": 0.2, "54": 0.2}
_UPI_USER = {"Z9": 0.7, "ZM": 0.3}


def _quiet(_nothing: Segment) -> tuple[Effect, ...]:
    return ()


def _issuer_outage(issuer: Segment) -> tuple[Effect, ...]:
    return (
        Fails(issuer, 0.85, {"91": 0.62, "timeout": 0.25, "96": 0.13}, latency_ms=6_000),
        Slows(issuer, 2.5),
    )


def _psp_outage(psp: Segment) -> tuple[Effect, ...]:
    return (
        Fails(psp, 0.9, {"timeout": 0.4, "http_5xx": 0.35, "96": 0.25}, latency_ms=9_000),
        Slows(psp, 2.0),
    )


def _psp_issuer_link(link: Segment) -> tuple[Effect, ...]:
    return (Fails(link, 0.88, {"91": 0.5, "92": 0.3, "31": 0.2}, latency_ms=1_500),)


def _card_network_outage(network: Segment) -> tuple[Effect, ...]:
    return (
        Fails(network, 0.8, {"91": 0.35, "96": 0.4, "timeout": 0.25}, latency_ms=5_000),
        Slows(network, 1.8),
    )


def _retry_storm(merchant: Segment) -> tuple[Effect, ...]:
    return (
        Retries(merchant, share=0.95, max_attempts=4, after_s=(2.0, 10.0)),
        Fails(merchant, 0.6, {"91": 0.4, "96": 0.3, "65": 0.3}, latency_ms=2_500, until_s=60.0),
        Throttles(merchant, 1.15, {"94": 0.5, "65": 0.3, "91": 0.1, "96": 0.1}, latency_ms=2_500),
        Slows(merchant, 1.8),
    )


def _routing_misconfig(cell: Segment) -> tuple[Effect, ...]:
    psp = cell.root["psp"]
    return (
        Moves(cell.without("psp"), to=psp, share=0.8),
        Fails(cell, 0.92, {"03": 0.5, "58": 0.3, "12": 0.2}, latency_ms=70, at_door=True),
    )


def _user_mix(_everyone: Segment) -> tuple[Effect, ...]:
    shares = {"card": _CARD_USER, "upi": _UPI_USER, "wallet": {"51": 1.0}}
    return tuple(
        Fails(Segment.of(method=method), 0.05, codes, latency_ms=400) for method, codes in shares.items()
    )


def _card_testing(scope: Segment) -> tuple[Effect, ...]:
    return (Attacks(scope, 3.0),)


def _acs_outage(cards: Segment) -> tuple[Effect, ...]:
    return (Fails(cards, 0.8, {"3ds_acs_error": 0.75, "402": 0.25}, latency_ms=3_000, at_door=True),)


def _expired_cert(psp: Segment) -> tuple[Effect, ...]:
    return (Fails(psp, 1.0, {"tls_error": 1.0}, latency_ms=12, at_door=True),)


def _settlement_cutover(issuer: Segment) -> tuple[Effect, ...]:
    return (Fails(issuer, 0.75, {"XT": 0.5, "XU": 0.5}, latency_ms=500),)


def _planned_maintenance(psp: Segment) -> tuple[Effect, ...]:
    return (Fails(psp, 0.97, {"http_5xx": 0.8, "96": 0.2}, latency_ms=60, at_door=True),)


def _holiday_surge(everyone: Segment) -> tuple[Effect, ...]:
    # Everybody knew the date, so the routes were given room for it.
    return (Surges(everyone, 1.6), Provisions(1.6), Slows(everyone, 1.12))


def _code_mix_drift(_everyone: Segment) -> tuple[Effect, ...]:
    return (Renames("05", 0.7, {"5C": 0.6, "9G": 0.4}),)


def _webhook_lag(scope: Segment) -> tuple[Effect, ...]:
    return (Hides(scope, 0.85),)


_ROWS = (
    Scenario(
        "quiet",
        "An ordinary morning: nothing is wrong.",
        Category.NO_INCIDENT,
        frozenset({_NONE}),
        _TRAFFIC | {_ALERT},
        culprits.everything,
        _quiet,
    ),
    Scenario(
        "issuer_outage",
        "One issuer does not answer, whichever route asks it.",
        Category.ISSUER,
        frozenset({_RETRY, _ALERT}),
        frozenset({_REROUTE, _SUPPRESS}),
        culprits.issuers,
        _issuer_outage,
    ),
    Scenario(
        "psp_outage",
        "One route fails for all issuers and methods; the others are well.",
        Category.NETWORK_OR_SYSTEM,
        frozenset({_REROUTE}),
        frozenset({_RETRY, _NONE}),
        culprits.routes,
        _psp_outage,
    ),
    Scenario(
        "psp_issuer_link",
        "One route does not reach one issuer; both are well with everybody else.",
        Category.NETWORK_OR_SYSTEM,
        frozenset({_REROUTE}),
        frozenset({_RETRY, _NONE}),
        culprits.links,
        _psp_issuer_link,
    ),
    Scenario(
        "card_network_outage",
        "One card network fails on all routes and for all issuers.",
        Category.NETWORK_OR_SYSTEM,
        frozenset({_ALERT}),
        frozenset({_REROUTE, _SUPPRESS}),
        culprits.card_networks,
        _card_network_outage,
    ),
    Scenario(
        "retry_storm",
        "One merchant's client repeats every failure at once and chokes itself; its customers are as many.",
        Category.RETRY_OR_ROUTING,
        frozenset({_RETRY}),
        frozenset({_REROUTE, _SUPPRESS, _NONE}),
        culprits.small_merchants,
        _retry_storm,
    ),
    Scenario(
        "routing_misconfig",
        "A new rule sends one merchant's payments to a route that does not know the merchant.",
        Category.RETRY_OR_ROUTING,
        frozenset({_SUPPRESS, _REROUTE}),
        frozenset({_RETRY, _NONE}),
        culprits.unused_routes,
        _routing_misconfig,
    ),
    Scenario(
        "user_mix",
        "The end of the month: more customers have no money left, on every route.",
        Category.USER,
        frozenset({_NONE}),
        _TRAFFIC,
        culprits.everything,
        _user_mix,
    ),
    Scenario(
        "card_testing",
        "Fraudsters try stolen cards with tiny amounts at one merchant.",
        Category.USER,
        frozenset({_ALERT}),
        _TRAFFIC | {_NONE},
        culprits.small_merchant_cards,
        _card_testing,
    ),
    Scenario(
        "acs_outage",
        "Card holders of one country cannot be authenticated; what is authenticated is approved as usual.",
        Category.NETWORK_OR_SYSTEM,
        frozenset({_ALERT}),
        frozenset({_REROUTE, _SUPPRESS}),
        culprits.card_countries,
        _acs_outage,
    ),
    Scenario(
        "expired_cert",
        "One route's certificate has expired: every connection to it is refused at once.",
        Category.NETWORK_OR_SYSTEM,
        frozenset({_REROUTE}),
        frozenset({_RETRY, _NONE}),
        culprits.routes,
        _expired_cert,
    ),
    Scenario(
        "settlement_cutover",
        "One bank closes its day: three minutes of refusals that end by themselves, as the calendar says.",
        Category.ISSUER,
        frozenset({_NONE}),
        _TRAFFIC,
        culprits.issuers,
        _settlement_cutover,
        duration_s=180.0,
        planned="settlement cut-over",
    ),
    Scenario(
        "planned_maintenance",
        "One route is down for maintenance, as the calendar says.",
        Category.NETWORK_OR_SYSTEM,
        frozenset({_NONE}),
        _TRAFFIC,
        culprits.routes,
        _planned_maintenance,
        planned="announced maintenance",
    ),
    Scenario(
        "holiday_surge",
        "A holiday: more customers pay, and they succeed as usual.",
        Category.NO_INCIDENT,
        frozenset({_NONE}),
        _TRAFFIC,
        culprits.everything,
        _holiday_surge,
    ),
    Scenario(
        "code_mix_drift",
        "A scheme's new rule: one refusal code is replaced by two others; no more payments fail than before.",
        Category.NO_INCIDENT,
        frozenset({_NONE}),
        _TRAFFIC,
        culprits.everything,
        _code_mix_drift,
    ),
    Scenario(
        "webhook_lag",
        "Payments succeed, but the reports of it do not arrive.",
        Category.OUR_DATA,
        frozenset({_ALERT}),
        _TRAFFIC,
        culprits.routes_or_everything,
        _webhook_lag,
    ),
)

_SCENARIOS = MappingProxyType({row.name: row for row in _ROWS})


def scenarios() -> Mapping[str, Scenario]:
    """Give every scenario by its name."""
    return _SCENARIOS


def scenario(name: str) -> Scenario:
    """Give one scenario.

    Raises:
        NotFoundError: there is none of this name; the message lists the nearest.
    """
    known = _SCENARIOS.get(name)
    if known is None:
        near = get_close_matches(name, _SCENARIOS, n=3, cutoff=0.4) or sorted(_SCENARIOS)
        msg = f"There is no scenario {name!r}; the nearest are {', '.join(near)}."
        raise NotFoundError(msg)
    return known
