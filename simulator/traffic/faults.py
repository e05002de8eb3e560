"""Everything that can go wrong in this world, one row a cause, with the right answer to each."""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from payments.action import ActionKind
from payments.diagnosis import Category
from payments.errors import NotFoundError
from simulator.traffic import culprits, strikes
from simulator.traffic.scenario import Fault, Scenario

__all__ = ["Fault", "Scenario", "scenario", "scenarios"]

_REROUTE, _RETRY = ActionKind.REROUTE, ActionKind.RETRY_POLICY
_SUPPRESS, _ALERT, _NONE = ActionKind.SUPPRESS, ActionKind.ALERT, ActionKind.NONE
_TRAFFIC = frozenset({_REROUTE, _RETRY, _SUPPRESS})

_ROWS = (
    Scenario(
        "quiet",
        "An ordinary morning: nothing is wrong.",
        Category.NO_INCIDENT,
        frozenset({_NONE}),
        _TRAFFIC | {_ALERT},
    ),
    Scenario(
        "issuer_outage",
        "One issuer does not answer, whichever route asks it.",
        Category.ISSUER,
        frozenset({_RETRY, _ALERT}),
        frozenset({_REROUTE, _SUPPRESS}),
        culprits.issuers,
        strikes.issuer_outage,
    ),
    Scenario(
        "psp_outage",
        "One route fails for all issuers and methods; the others are well.",
        Category.NETWORK_OR_SYSTEM,
        frozenset({_REROUTE}),
        frozenset({_RETRY, _NONE}),
        culprits.routes,
        strikes.psp_outage,
    ),
    Scenario(
        "psp_issuer_link",
        "One route does not reach one issuer; both are well with everybody else.",
        Category.NETWORK_OR_SYSTEM,
        frozenset({_REROUTE}),
        frozenset({_RETRY, _NONE}),
        culprits.links,
        strikes.psp_issuer_link,
    ),
    Scenario(
        "card_network_outage",
        "One card network fails on all routes and for all issuers.",
        Category.NETWORK_OR_SYSTEM,
        frozenset({_ALERT}),
        frozenset({_REROUTE, _SUPPRESS}),
        culprits.card_networks,
        strikes.card_network_outage,
    ),
    Scenario(
        "retry_storm",
        "One merchant's client repeats every failure at once and chokes itself; its customers are as many.",
        Category.RETRY_OR_ROUTING,
        frozenset({_RETRY}),
        frozenset({_REROUTE, _SUPPRESS, _NONE}),
        culprits.small_merchants,
        strikes.retry_storm,
    ),
    Scenario(
        "routing_misconfig",
        "A new rule sends one merchant's payments to a route that does not know the merchant.",
        Category.RETRY_OR_ROUTING,
        frozenset({_SUPPRESS, _REROUTE}),
        frozenset({_RETRY, _NONE}),
        culprits.unused_routes,
        strikes.routing_misconfig,
    ),
    Scenario(
        "user_mix",
        "The end of the month: more customers have no money left, on every route.",
        Category.USER,
        frozenset({_NONE}),
        _TRAFFIC,
        culprits.everything,
        strikes.user_mix,
    ),
    Scenario(
        "card_testing",
        "Fraudsters try stolen cards with tiny amounts at one merchant.",
        Category.USER,
        frozenset({_ALERT}),
        _TRAFFIC | {_NONE},
        culprits.small_merchant_cards,
        strikes.card_testing,
    ),
    Scenario(
        "acs_outage",
        "Card holders of one country cannot be authenticated; what is authenticated is approved as usual.",
        Category.NETWORK_OR_SYSTEM,
        frozenset({_ALERT}),
        frozenset({_REROUTE, _SUPPRESS}),
        culprits.card_countries,
        strikes.acs_outage,
    ),
    Scenario(
        "expired_cert",
        "One route's certificate has expired: every connection to it is refused at once.",
        Category.NETWORK_OR_SYSTEM,
        frozenset({_REROUTE}),
        frozenset({_RETRY, _NONE}),
        culprits.routes,
        strikes.expired_cert,
    ),
    Scenario(
        "settlement_cutover",
        "One bank closes its day: three minutes of refusals that end by themselves, as the calendar says.",
        Category.ISSUER,
        frozenset({_NONE}),
        _TRAFFIC,
        culprits.issuers,
        strikes.settlement_cutover,
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
        strikes.planned_maintenance,
        planned="announced maintenance",
    ),
    Scenario(
        "holiday_surge",
        "A holiday: more customers pay, and they succeed as usual.",
        Category.NO_INCIDENT,
        frozenset({_NONE}),
        _TRAFFIC,
        culprits.everything,
        strikes.holiday_surge,
    ),
    Scenario(
        "code_mix_drift",
        "A scheme's new rule: one refusal code is replaced by two others; no more payments fail than before.",
        Category.NO_INCIDENT,
        frozenset({_NONE}),
        _TRAFFIC,
        culprits.everything,
        strikes.code_mix_drift,
    ),
    Scenario(
        "webhook_lag",
        "Payments succeed, but the reports of it do not arrive.",
        Category.OUR_DATA,
        frozenset({_ALERT}),
        _TRAFFIC,
        culprits.routes_or_everything,
        strikes.webhook_lag,
    ),
    Scenario(
        "low_volume_noise",
        "A handful of payments on a path that sees few is refused by chance; nothing is wrong.",
        Category.NO_INCIDENT,
        frozenset({_NONE}),
        _TRAFFIC | {_ALERT},
        culprits.tiny_cells,
        strikes.bad_luck,
        duration_s=strikes.BAD_LUCK_S,
    ),
    Scenario(
        "fraud_rule_push",
        "A new fraud rule refuses good customers of one route or merchant, as fast as ever.",
        Category.RETRY_OR_ROUTING,
        frozenset({_ALERT}),
        _TRAFFIC,
        culprits.routes_or_merchants,
        strikes.fraud_rule_push,
    ),
    Scenario(
        "method_outage",
        "One method that is not a card fails on all routes and for all issuers.",
        Category.NETWORK_OR_SYSTEM,
        frozenset({_ALERT, _SUPPRESS}),
        frozenset({_REROUTE, _NONE}),
        culprits.methods,
        strikes.method_outage,
    ),
    Scenario(
        "psp_brownout",
        "One route grows slower for minutes before its payments begin to time out.",
        Category.NETWORK_OR_SYSTEM,
        frozenset({_REROUTE}),
        frozenset({_RETRY, _NONE}),
        culprits.routes,
        strikes.psp_brownout,
    ),
)

_BY_NAME = {row.name: row for row in _ROWS}

_TWO_AT_ONCE = Scenario(
    "two_at_once",
    "One issuer does not answer while one route is out: two faults that have nothing to do with each other.",
    Category.NETWORK_OR_SYSTEM,
    frozenset({_ALERT, _REROUTE}),
    frozenset({_NONE}),
    parts=(_BY_NAME["psp_outage"], _BY_NAME["issuer_outage"]),
)

_SCENARIOS = MappingProxyType({**_BY_NAME, _TWO_AT_ONCE.name: _TWO_AT_ONCE})


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
