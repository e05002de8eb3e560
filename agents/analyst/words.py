"""The arithmetic as sentences and as numbers that can be cited."""

from collections.abc import Callable, Sequence
from datetime import datetime

from agents.analyst.counts import Counts
from agents.analyst.place import Place
from agents.analyst.score import Score
from agents.analyst.view import View
from payments.codes import look_up
from payments.diagnosis import EvidenceItem, Hypothesis
from payments.segment import Segment

_SHOWN_CODES = 3
_SHOWN_CULPRITS = 3
_SAYS_SOMETHING = 0.3


def place_sentence(place: Place, counts: Counts, since: datetime, *, rest_normal: bool) -> str:
    """Say where, how much against what was expected, since when, and what about the rest."""
    if place.lead == "none":
        return (
            f"all payments: {counts.failures:.0f} failures of {counts.attempts:.0f}, "
            f"{counts.expected_failures:.0f} expected; nothing is in excess beyond chance"
        )
    amounts = _QUANTITY[place.lead](counts)
    if len(place.culprit) == 0:
        rest = "no part of them stands out"
    elif rest_normal:
        rest = "the rest is normal"
    elif place.second is not None:
        rest = (
            f"also abnormal: {_listed(place.segments[1:])}, so this explains {place.share:.0%} of the excess"
        )
    else:
        rest = f"the rest is not normal (z = {place.complement_z:+.1f})"
    return f"{place.culprit}: {amounts}, since {since:%H:%M:%S}; {rest}"


def _listed(segments: Sequence[Segment]) -> str:
    more = len(segments) - _SHOWN_CULPRITS
    shown = " and ".join(map(str, segments[:_SHOWN_CULPRITS]))
    return f"{shown} and {more} more" if more > 0 else shown


def _failures(counts: Counts) -> str:
    against = _against(counts.failures, counts.expected_failures)
    return f"{counts.failures:.0f} failures of {counts.attempts:.0f}, {against}"


def _pending(counts: Counts) -> str:
    against = _against(counts.pending, counts.expected_pending)
    return f"{counts.pending:.0f} of {counts.attempts:.0f} attempts without outcome, {against}"


def _repeats(counts: Counts) -> str:
    repeats, expected = counts.repeats or 0.0, counts.expected_repeats or 0.0
    return f"{repeats:.0f} repeated attempts of {counts.attempts:.0f}, {_against(repeats, expected)}"


def _attempts(counts: Counts) -> str:
    return f"{counts.attempts:.0f} attempts, {_against(counts.attempts, counts.expected_attempts)}"


def _slow(counts: Counts) -> str:
    slow, expected = counts.slow or 0.0, counts.expected_slow or 0.0
    return f"{slow:.0f} slow attempts of {counts.attempts:.0f}, {_against(slow, expected)}"


def _codes(counts: Counts) -> str:
    return f"{_failures(counts)}, under other codes: {_top_codes(counts)} are up"


_QUANTITY: dict[str, Callable[[Counts], str]] = {
    "failures": _failures,
    "technical": _failures,
    "pending": _pending,
    "repeats": _repeats,
    "slow": _slow,
    "attempts": _attempts,
    "codes": _codes,
}


def _against(observed: float, expected: float) -> str:
    shown = f"{expected:.0f}" if expected >= 10.0 else f"{expected:.1f}"  # noqa: PLR2004 - two digits suffice
    return f"{shown} expected ({observed / expected:.1f}x)" if expected > 0.0 else f"{shown} expected"


def _top_codes(counts: Counts) -> str:
    top = list((counts.code_excess or {}).items())[:_SHOWN_CODES]
    return ", ".join(f"{code} +{size:.0f}" for code, size in top) or "none"


def told(score: Score, view: View) -> Hypothesis:
    """Put a cause as a hypothesis, with what speaks for and against it, strongest first."""
    said = _sentences(view)
    ranked = sorted(score.parts.items(), key=lambda part: -abs(part[1]))
    parts = [(size, said.get(name) or _lessons(size)) for name, size in ranked if _worth_telling(name, size)]
    return Hypothesis(
        cause=score.cause,
        category=score.signature.category,
        culprit=view.place.culprit,
        probability=min(1.0, score.probability),
        speaks_for=tuple(sentence for size, sentence in parts if size > 0.0),
        speaks_against=tuple(sentence for size, sentence in parts if size < 0.0),
    )


def _worth_telling(name: str, size: float) -> bool:
    return size != 0.0 and (name == "lessons" or abs(size) >= _SAYS_SOMETHING)


def _lessons(size: float) -> str:
    return f"similar past incidents move its log odds by {size:+.2f}"


def _sentences(view: View) -> dict[str, str]:
    counts, place, level = view.counts, view.place, view.found.levels
    attempts = max(counts.attempts, 1.0)
    groups = sorted(view.found.groups.items(), key=lambda pair: -pair[1])[:_SHOWN_CODES]
    return {
        "lead": _lead(place),
        "scope": f"the culprit is of scope {level['scope']} ({' & '.join(place.minimal) or 'all payments'})",
        "attempts": f"{counts.attempts:.0f} attempts against {counts.expected_attempts:.0f} forecast",
        "repeats": f"{(counts.repeats or 0.0) / attempts:.0%} of the attempts are repeats, "
        f"{(counts.expected_repeats or 0.0) / attempts:.0%} expected",
        "pending": f"{counts.pending / attempts:.0%} of the attempts have no outcome, "
        f"{counts.expected_pending / attempts:.0%} expected",
        "latency": f"{_part(counts.slow, attempts)} of the attempts are slow and "
        f"{_part(counts.fast, attempts)} fast, about a tenth each expected",
        "rate": f"{counts.failures / attempts:.0%} of the attempts fail, "
        f"{counts.expected_failures / attempts:.0%} expected",
        "calendar": _CALENDAR[level["calendar"] or "unplanned"],
        "rest": _REST[level["rest"] or "abnormal"],
        "onset": _ONSET[level["onset"] or "ramp"],
        "codes": f"codes of the excess: {', '.join(f'{name} {share:.0%}' for name, share in groups)}",
    }


_CALENDAR = {"planned": "a planned downtime covers it", "unplanned": "no downtime is planned"}
_REST = {"normal": "everything else is normal", "abnormal": "something else is abnormal too"}
_ONSET = {"step": "it began as a step", "ramp": "it grew gradually"}


def _lead(place: Place) -> str:
    return "nothing is in excess" if place.lead == "none" else f"what is in excess is {place.lead}"


def _part(value: float | None, attempts: float) -> str:
    return "unknown" if value is None else f"{value / attempts:.0%}"


def evidence_items(
    counts: Counts, outside: Counts, place: Place, lessons_shift: float
) -> tuple[EvidenceItem, ...]:
    """List the numbers of a diagnosis, with ids e1, e2, ... to cite them by."""
    attempts = max(counts.attempts, 1.0)
    slow, fast = counts.slow, counts.fast
    due_slow, due_fast = counts.expected_slow, counts.expected_fast
    top = list((counts.code_excess or {}).items())[:_SHOWN_CODES]
    rows: list[tuple[str, float | None, float | None, str]] = [
        ("failures in the culprit", counts.failures, counts.expected_failures, "payments"),
        ("failure rate", counts.failures / attempts, counts.expected_failures / attempts, "rate"),
        ("excess failures in the culprit", counts.excess, 0.0, "payments"),
        ("failures outside the culprit", outside.failures, outside.expected_failures, "payments"),
        ("attempts in the culprit", counts.attempts, counts.expected_attempts, "attempts"),
        ("share of the excess explained", place.share, None, "share"),
        ("technical share of the excess", _technical_share(counts), None, "share"),
        ("attempts without outcome", counts.pending, counts.expected_pending, "attempts"),
        ("repeated attempts", counts.repeats, counts.expected_repeats, "attempts"),
        ("slow share of the attempts", _ratio(slow, attempts), _ratio(due_slow, attempts), "share"),
        ("fast share of the attempts", _ratio(fast, attempts), _ratio(due_fast, attempts), "share"),
        *((f"excess of code {code}", size, 0.0, "payments") for code, size in top),
        ("log odds from past incidents", lessons_shift or None, None, "nats"),
    ]
    told = [row for row in rows if row[1] is not None]
    return tuple(
        EvidenceItem(id=f"e{n}", label=label, observed=float(observed or 0.0), expected=expected, unit=unit)
        for n, (label, observed, expected, unit) in enumerate(told, start=1)
    )


def _ratio(value: float | None, attempts: float) -> float | None:
    return None if value is None else value / attempts


def _technical_share(counts: Counts) -> float | None:
    excess = counts.code_excess
    if not excess:
        return None
    return sum(size for code, size in excess.items() if look_up(code).technical) / sum(excess.values())
