"""Policies, kinds and numbers as people read them."""

from collections.abc import Mapping

POLICIES: Mapping[str, str] = {
    "nothing": "Do nothing",
    "oracle": "Oracle",
    "clairvoyant": "Clairvoyant router",
    "static_threshold": "Alert threshold and runbook",
    "fixed_rules": "Fixed-rule agent",
    "success_rate": "Success-rate routing",
    "elimination": "Elimination routing",
    "thompson": "Thompson-sampling routing",
    "crew_autopilot": "PayOps Crew, autopilot",
    "crew_copilot": "PayOps Crew, copilot",
}
ABOUT: Mapping[str, str] = {
    "nothing": "Nobody does anything: the floor, 0 by definition.",
    "oracle": "Knows the fault at its onset and does the best of many actions: the ceiling, 1 by definition.",
    "clairvoyant": "Knows besides how likely each payment succeeds on each route, and routes each by it.",
    "static_threshold": "Success below a fixed line rings a person, who acts after 20 minutes (median).",
    "fixed_rules": "A few rules on counts and codes decide, as in the agent that the crew replaces.",
    "success_rate": "Every payment takes the route that lately did best, with some exploration.",
    "elimination": "A route that falls below a line is left out until it recovers.",
    "thompson": "Every payment draws its route by how good each may be (Thompson 1933).",
    "crew_autopilot": "The crew as it ships, alone; a question that it asks is answered by nobody.",
    "crew_copilot": "It asks before each action; a person answers after 3 minutes, rightly 95 % of the time.",
}
_KINDS: Mapping[str, str] = {
    "psp_outage": "Route outage",
    "psp_brownout": "Route brown-out",
    "psp_issuer_link": "Link of a route to an issuer",
    "acs_outage": "Card authentication outage",
    "gray": "Gray failure of a route",
    "low_volume_link": "Link of little volume",
    "low_volume_outage": "Outage of little volume",
    "broken_backup": "Route fault with a broken backup",
    "routing_misconfig": "Routing misconfiguration",
    "expired_cert": "Expired certificate",
    "webhook_lag": "Reports that arrive late",
    "two_at_once": "Two faults at once",
}

_PROPER = ("Thompson", "PayOps")
UNKNOWN = "\N{EN DASH}"
_MINUTES_FROM_S = 300.0


def policy(name: str) -> str:
    """Name a policy."""
    return POLICIES.get(name, name.replace("_", " "))


def within(words: str) -> str:
    """Give words as they stand within a sentence.

    >>> within("Fixed-rule agent"), within("Thompson-sampling routing")
    ('fixed-rule agent', 'Thompson-sampling routing')
    """
    return words if words.startswith(_PROPER) else words[:1].lower() + words[1:]


def kind(name: str) -> str:
    """Name a kind of episode."""
    return _KINDS.get(name) or name.replace("_", " ").capitalize()


def share(value: float | None, digits: int = 2) -> str:
    """Write a share of what could be saved.

    >>> share(0.904), share(1.0)
    ('.90', '1.00')
    """
    if value is None:
        return UNKNOWN
    text = f"{abs(value):.{digits}f}"
    sign = "\N{MINUS SIGN}" if value < 0.0 and float(text) else ""
    return sign + text.removeprefix("0")


def span(interval: tuple[float, float] | None) -> str:
    """Write an interval.

    >>> span((0.85, 0.93)), span(None)
    ('.85 to .93', '')
    """
    return "" if interval is None else f"{share(interval[0])} to {share(interval[1])}"


def percent(value: float | None, digits: int = 0) -> str:
    """Write a share in percent.

    >>> percent(0.123), percent(0.00012, 3)
    ('12 %', '0.012 %')
    """
    return UNKNOWN if value is None else f"{100.0 * value:.{digits}f} %"


def seconds(value: float | None) -> str:
    """Write a time.

    >>> seconds(42.0), seconds(1260.0)
    ('42 s', '21 min')
    """
    if value is None:
        return UNKNOWN
    return f"{value:.0f} s" if value < _MINUTES_FROM_S else f"{value / 60.0:.0f} min"


def count(value: float | None) -> str:
    """Write a number.

    >>> count(12345), count(0.25)
    ('12,345', '0.2')
    """
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
