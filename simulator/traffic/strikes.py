"""What each kind of fault does to the segment that it strikes."""

from payments.segment import Segment
from simulator.traffic.effects import (
    Attacks,
    CutsOff,
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

_CARD_USER = {"51": 0.6, "55": 0.2, "54": 0.2}
_UPI_USER = {"Z9": 0.7, "ZM": 0.3}


BAD_LUCK_S = 90.0


def issuer_outage(issuer: Segment) -> tuple[Effect, ...]:
    """The issuer answers late or not at all."""
    return (
        Fails(issuer, 0.85, {"91": 0.62, "timeout": 0.25, "96": 0.13}, latency_ms=6_000),
        Slows(issuer, 2.5),
    )


def psp_outage(psp: Segment) -> tuple[Effect, ...]:
    """The route answers late or not at all."""
    return (
        Fails(psp, 0.9, {"timeout": 0.4, "http_5xx": 0.35, "96": 0.25}, latency_ms=9_000),
        Slows(psp, 2.0),
    )


def psp_issuer_link(link: Segment) -> tuple[Effect, ...]:
    """The route cannot reach the issuer."""
    return (Fails(link, 0.88, {"91": 0.5, "92": 0.3, "31": 0.2}, latency_ms=1_500),)


def card_network_outage(network: Segment) -> tuple[Effect, ...]:
    """The network answers late or not at all."""
    return (
        Fails(network, 0.8, {"91": 0.35, "96": 0.4, "timeout": 0.25}, latency_ms=5_000),
        Slows(network, 1.8),
    )


def retry_storm(
    merchant: Segment, *, share: float = 0.95, max_attempts: int = 4, limit: float = 1.15
) -> tuple[Effect, ...]:
    """The merchant's client repeats what fails, and its repeats are refused."""
    return (
        Retries(merchant, share=share, max_attempts=max_attempts, after_s=(2.0, 10.0)),
        Fails(merchant, 0.6, {"91": 0.4, "96": 0.3, "65": 0.3}, latency_ms=2_500, until_s=60.0),
        Throttles(merchant, limit, {"94": 0.5, "65": 0.3, "91": 0.1, "96": 0.1}, latency_ms=2_500),
        Slows(merchant, 1.8),
    )


def routing_misconfig(cell: Segment) -> tuple[Effect, ...]:
    """The merchant's payments go to a route that refuses them at once."""
    psp = cell.root["psp"]
    return (
        Moves(cell.without("psp"), to=psp, share=0.8),
        Fails(cell, 0.92, {"03": 0.5, "58": 0.3, "12": 0.2}, latency_ms=70, at_door=True),
    )


def user_mix(_everyone: Segment) -> tuple[Effect, ...]:
    """More customers lack money, on every method."""
    shares = {"card": _CARD_USER, "upi": _UPI_USER, "wallet": {"51": 1.0}}
    return tuple(
        Fails(Segment.of(method=method), 0.05, codes, latency_ms=None) for method, codes in shares.items()
    )


def card_testing(scope: Segment) -> tuple[Effect, ...]:
    """Fraudsters try cards."""
    return (Attacks(scope, 3.0),)


def acs_outage(cards: Segment) -> tuple[Effect, ...]:
    """Card holders cannot be authenticated, so no issuer is asked."""
    return (Fails(cards, 0.8, {"3ds_acs_error": 0.75, "402": 0.25}, latency_ms=3_000, at_door=True),)


def expired_cert(psp: Segment) -> tuple[Effect, ...]:
    """No connection to the route comes about."""
    return (Fails(psp, 1.0, {"tls_error": 1.0}, latency_ms=12, at_door=True),)


def settlement_cutover(issuer: Segment) -> tuple[Effect, ...]:
    """The bank refuses while it closes its day."""
    return (Fails(issuer, 0.75, {"XT": 0.5, "XU": 0.5}, latency_ms=500),)


def planned_maintenance(psp: Segment) -> tuple[Effect, ...]:
    """The route refuses while it is worked on."""
    return (Fails(psp, 0.97, {"http_5xx": 0.8, "96": 0.2}, latency_ms=60, at_door=True),)


def holiday_surge(everyone: Segment) -> tuple[Effect, ...]:
    """More customers pay; everybody knew the date, so the routes were given room for it."""
    return (Surges(everyone, 1.6), Provisions(1.6), Slows(everyone, 1.12))


def code_mix_drift(_everyone: Segment) -> tuple[Effect, ...]:
    """Refusals come under new codes."""
    return (Renames("05", 0.7, {"5C": 0.6, "9G": 0.4}),)


def webhook_lag(scope: Segment) -> tuple[Effect, ...]:
    """Most successes are not reported."""
    return (Hides(scope, 0.85),)


def fraud_rule_push(scope: Segment) -> tuple[Effect, ...]:
    """A new rule takes good customers for fraudsters, as fast as the old one."""
    return (Fails(scope, 0.35, {"59": 0.6, "63": 0.2, "psp_fraud_engine": 0.2}, latency_ms=None),)


def method_outage(method: Segment) -> tuple[Effect, ...]:
    """The method's own switch answers late or not at all; what is not answered may have moved money."""
    codes = (
        {"U27": 0.5, "UP": 0.25, "BT": 0.25}
        if method.role("method") == "upi"
        else {"http_5xx": 0.6, "timeout": 0.4}
    )
    return (Fails(method, 0.85, codes, latency_ms=7_000), Slows(method, 1.5))


def psp_brownout(psp: Segment) -> tuple[Effect, ...]:
    """The route grows slower for minutes, until more and more attempts hit the limit of patience."""
    return (Slows(psp, 14.0, rise_s=480.0), CutsOff(psp, limit_ms=5_000))


def bad_luck(cell: Segment) -> tuple[Effect, ...]:
    """Chance is unkind to a handful of payments."""
    codes = {"51": 0.4, "05": 0.3, "91": 0.1, "96": 0.1, "timeout": 0.1}
    return (Fails(cell, 0.6, codes, latency_ms=None),)


GRAY_SHARE = 0.05


def gray(psp: Segment) -> tuple[Effect, ...]:
    """The route loses a few of its payments, and nothing else shows."""
    return (Fails(psp, GRAY_SHARE, {"timeout": 0.4, "http_5xx": 0.35, "96": 0.25}, latency_ms=None),)
