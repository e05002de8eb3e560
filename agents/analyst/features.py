"""What the culprit looks like, as the discrete features that causes are told apart by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

import numpy as np

from agents.analyst.counts import Counts
from agents.analyst.place import Place
from agents.analyst.settings import AnalystSettings
from payments.codes import look_up
from payments.evidence import Evidence
from payments.maintenance import Maintenance
from payments.segment import Role, Segment, role_of

# Which roles of a minimal description make which scope; the first row whose roles are all there wins.
_SCOPES: tuple[tuple[frozenset[Role], str], ...] = (
    (frozenset({"merchant", "route"}), "merchant_route"),
    (frozenset({"merchant", "network"}), "merchant_part"),
    (frozenset({"merchant", "issuer"}), "merchant_part"),
    (frozenset({"merchant", "method"}), "merchant_part"),
    (frozenset({"merchant"}), "merchant"),
    (frozenset({"route", "issuer"}), "route_issuer"),
    (frozenset({"route", "method"}), "route_part"),
    (frozenset({"route", "network"}), "route_part"),
    (frozenset({"route", "country"}), "route_part"),
    (frozenset({"route"}), "route"),
    (frozenset({"issuer", "method"}), "issuer_part"),
    (frozenset({"issuer", "network"}), "issuer_part"),
    (frozenset({"issuer"}), "issuer"),
    (frozenset({"network"}), "network"),
    (frozenset({"method"}), "method"),
    (frozenset({"country"}), "country"),
)

_TLS_CODES = frozenset({"TLS_ERROR", "SSL_ERROR", "CERTIFICATE_EXPIRED", "CONNECT_REFUSED"})
_LEADS_WITH_CODES = frozenset({"failures", "technical", "codes"})
_FEW = 5.0
_SIGMAS = 3.0
_NEVER = 1e-4
_STRONG_RISE = 0.3


@dataclass(frozen=True)
class Features:
    """One level per feature, None where the source does not tell; and the code groups of the excess."""

    levels: dict[str, str | None]
    groups: dict[str, float]
    """Share of each code group in the excess that has a known code; empty when nothing is known."""
    votes: float
    """Independent observations that the groups count for."""


def features(
    evidence: Evidence,
    place: Place,
    counts: Counts,
    calendar: str,
    settings: AnalystSettings,
) -> Features:
    """Read every feature off the culprit."""
    by_chance = counts.excess <= _SIGMAS * sqrt(counts.expected_failures + 1.0)
    told = place.lead in _LEADS_WITH_CODES or not by_chance
    groups, votes = _groups(counts, settings) if told else ({}, 0.0)
    levels = {
        "lead": "failures" if place.lead == "technical" else place.lead,
        "scope": scope(place.minimal, place.culprit, alone=_alone(evidence, place)),
        "attempts": _attempts(counts, settings),
        "repeats": _repeats(evidence, counts, settings),
        "latency": _latency(counts),
        "rate": _rate(counts),
        "pending": _pending(counts),
        "calendar": calendar,
        "rest": "normal" if normal_outside(place, settings) else "abnormal",
        "onset": _onset(evidence.onset_sharpness),
    }
    return Features(levels, groups, votes)


def scope(minimal: Sequence[str], culprit: Segment, *, alone: bool = False) -> str:
    """Name the scope of a minimal description by the roles of its attributes.

    A country that has only one issuer is that issuer, and a method that only one route carries may as well
    be that route's fault. An issuer that is `alone` in its country is also that country: one network of it
    may be either's fault.
    """
    roles = {role_of(name) for name in minimal}
    if "country" in roles and culprit.role("issuer") is not None:
        roles = roles - {"country"} | {"issuer"}
    if alone and roles == {"issuer", "network"}:
        return "issuer_network"
    if not roles:
        return "all"
    if roles == {"method"} and culprit.role("route") is not None:
        return "route_part"
    return next((name for needed, name in _SCOPES if needed <= roles), "other")


def _alone(evidence: Evidence, place: Place) -> bool:
    """Say whether the culprit's country without its issuer means the same cells."""
    without = {name: value for name, value in place.culprit.root.items() if role_of(name) != "issuer"}
    return bool(np.array_equal(evidence.cells.mask(Segment(without)), place.mask))


def normal_outside(place: Place, settings: AnalystSettings) -> bool:
    """Say whether everything outside the culprit is as expected."""
    return place.second is None and abs(place.complement_z) <= settings.complement_z


def _groups(counts: Counts, settings: AnalystSettings) -> tuple[dict[str, float], float]:
    shares: dict[str, float] = {}
    for code, excess in (counts.code_excess or {}).items():
        group = "tls" if code.upper() in _TLS_CODES else str(look_up(code).group)
        shares[group] = shares.get(group, 0.0) + excess
    unknown = shares.pop("unknown", 0.0)
    known = sum(shares.values())
    if known < _FEW:
        return {}, 0.0
    votes = min(settings.code_votes, known / settings.excess_per_vote) * known / (known + unknown)
    return {group: size / known for group, size in shares.items()}, votes


def _attempts(counts: Counts, settings: AnalystSettings) -> str | None:
    forecast = counts.expected_attempts
    if forecast < _FEW:
        return "strongly_up" if counts.attempts > 4 * _FEW else None
    surprise = (counts.attempts - forecast) / sqrt(forecast + (settings.volume_error * forecast) ** 2)
    ratio = counts.attempts / forecast
    if ratio >= 1.5 and surprise > 2.5:  # noqa: PLR2004 - a level of signatures.toml
        return "strongly_up"
    if ratio <= 0.67 and surprise < -2.0:  # noqa: PLR2004 - the same
        return "down"
    return "up" if ratio >= 1.2 and surprise > 1.5 else "flat"  # noqa: PLR2004 - the same


def _rise(observed: float | None, expected: float | None, attempts: float) -> str | None:
    """Grade the share of attempts that something has in excess; None when a strong rise would not show."""
    if observed is None or expected is None:
        return None
    chance = _SIGMAS * sqrt(expected + 1.0)
    if chance > _STRONG_RISE * attempts:
        return None
    excess = observed - expected
    if excess <= chance or observed < 1.3 * expected:
        return "flat"
    return "strongly_up" if excess >= _STRONG_RISE * attempts else "up"


def _repeats(evidence: Evidence, counts: Counts, settings: AnalystSettings) -> str | None:
    """Grade the repeats; that there are none yet means nothing before they can have come."""
    level = _rise(counts.repeats, counts.expected_repeats, counts.attempts)
    early = evidence.duration_s < settings.repeats_after_s
    return None if level == "flat" and early else level


def _pending(counts: Counts) -> str | None:
    """Grade the missing outcomes; a source that never had any does not tell."""
    if counts.pending == 0.0 and counts.expected_pending <= _NEVER * counts.attempts:
        return None
    return _rise(counts.pending, counts.expected_pending, counts.attempts)


def _latency(counts: Counts) -> str | None:
    slow = _rise(counts.slow, counts.expected_slow, counts.attempts)
    fast = _rise(counts.fast, counts.expected_fast, counts.attempts)
    if slow is None and fast is None:
        return None
    gain_slow = (counts.slow or 0.0) - (counts.expected_slow or 0.0) if slow not in {None, "flat"} else 0.0
    gain_fast = (counts.fast or 0.0) - (counts.expected_fast or 0.0) if fast not in {None, "flat"} else 0.0
    if max(gain_slow, gain_fast) < 0.05 * counts.attempts:
        return "flat"
    return "slow" if gain_slow >= gain_fast else "fast"


def _rate(counts: Counts) -> str | None:
    chance = _SIGMAS * sqrt(counts.expected_failures + 1.0)
    if chance > _STRONG_RISE * counts.attempts:
        return None
    rate, normal = counts.failures / counts.attempts, counts.expected_failures / counts.attempts
    if rate >= 0.95:  # noqa: PLR2004 - the same
        return "total"
    if counts.excess <= chance or rate < normal + 0.01:
        return "normal"
    return "high" if rate >= max(0.4, normal + 0.2) else "moderate"


def on_calendar(evidence: Evidence, place: Place, planned: Sequence[Maintenance], at: datetime) -> str:
    """Say whether a downtime in force holds most of what is in excess in the culprit."""
    excess = np.where(place.mask, np.maximum(evidence.failures - evidence.expected_failures, 0.0), 0.0)
    for event in planned:
        in_force = event.start <= at and event.end >= evidence.since
        inside = float(excess[evidence.cells.mask(event.segment)].sum())
        if in_force and excess.sum() > 0.0 and inside >= 0.8 * float(excess.sum()):
            return "planned"
    return "unplanned"


def _onset(sharpness: float | None) -> str | None:
    if sharpness is None:
        return None
    return "step" if sharpness >= 0.6 else "ramp"  # noqa: PLR2004 - the same


def shape(place: Place, counts: Counts, found: Features) -> dict[str, float]:
    """Give the numeric features that similar incidents share, each 0..1."""
    attempts = max(counts.attempts, 1.0)

    def gain(observed: float | None, expected: float | None) -> float:
        return _unit(((observed or 0.0) - (expected or 0.0)) / attempts)

    shown = {
        "failure_rate": _unit(counts.failures / attempts),
        "failure_excess": gain(counts.failures, counts.expected_failures),
        "attempts_excess": gain(counts.attempts, counts.expected_attempts),
        "pending_excess": gain(counts.pending, counts.expected_pending),
        "repeats_excess": gain(counts.repeats, counts.expected_repeats),
        "slow_excess": gain(counts.slow, counts.expected_slow),
        "fast_excess": gain(counts.fast, counts.expected_fast),
        "share_explained": _unit(place.share),
        f"lead_{place.lead}": 1.0,
        f"scope_{found.levels['scope']}": 1.0,
    }
    return shown | {f"codes_{group}": _unit(share) for group, share in sorted(found.groups.items())}


def _unit(value: float) -> float:
    return min(1.0, max(0.0, float(value)))
