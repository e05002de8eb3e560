"""The report's charts: intervals of policies, shares by kind, success over time, and what was left."""

from collections.abc import Sequence
from itertools import accumulate

from markupsafe import Markup

from bench.crew.played import AUTOPILOT, BOUNDS, COPILOT
from bench.crew.report import names
from bench.crew.report.facts import CourseFacts, Facts, KindFacts, LeftFacts, PolicyFacts, ShareFacts
from bench.crew.report.svg import Scale, dot, drawing, line, path, share_axis, tag, text, together

_WIDTH = 760.0
_LABELS = 250.0
_ROW = 34.0
_LOWEST = -1.0
"""Shares below are put at the edge: how much worse than nothing hardly matters any more."""


def ranking(facts: Facts) -> Markup:
    """Draw the mean share of each policy with its interval, who saved most first."""
    rows = facts.ranked
    scale = _share_scale([(one.saved_share, one.saved_share_ci) for one in rows])
    bottom = 10.0 + _ROW * len(rows)
    drawn = [_ranked(one, 10.0 + _ROW * (row + 0.5), scale) for row, one in enumerate(rows)]
    label = "Share of the oracle's savings, mean over the kinds of incidents, by policy"
    return drawing(_WIDTH, bottom + 26.0, label, share_axis(scale, 6.0, bottom), *drawn)


def _ranked(one: PolicyFacts, y: float, scale: Scale) -> Markup:
    words = f"{names.policy(one.name)}: {names.share(one.saved_share)}, {names.span(one.saved_share_ci)}"
    crew = " crew" if one.name == AUTOPILOT else ""
    name = text((_LABELS - 14.0, y + 4.5), names.policy(one.name), f"label{crew}", "end")
    if one.saved_share is None:
        return name
    low, high = one.saved_share_ci or (one.saved_share, one.saved_share)
    return together(
        [
            name,
            line((scale(min(0.0, scale.high)), y), (scale(one.saved_share), y), f"stem p-{one.name}"),
            line((scale(low), y), (scale(high), y), f"span p-{one.name}"),
            dot((scale(one.saved_share), y), 6.5, f"dot p-{one.name}", words),
            text((_WIDTH - 4.0, y + 4.5), names.share(one.saved_share), f"value{crew}", "end"),
        ]
    )


def by_kind(facts: Facts) -> Markup:
    """Draw the share of every policy in each kind, with the interval of the crew in autopilot."""
    kinds = facts.counted
    scale = _share_scale([(one.saved_share, None) for one in facts.per_signature])
    bottom = 10.0 + _ROW * len(kinds)
    drawn = [_kind(one, facts, 10.0 + _ROW * (row + 0.5), scale) for row, one in enumerate(kinds)]
    label = "Share of the oracle's savings by kind of incident and policy"
    return drawing(_WIDTH, bottom + 26.0, label, share_axis(scale, 6.0, bottom), *drawn)


def _kind(one: KindFacts, facts: Facts, y: float, scale: Scale) -> Markup:
    found = [facts.share(one.signature, policy.name) for policy in facts.policies]
    told = [share for share in found if share is not None and share.policy not in BOUNDS]
    return together(
        [
            text((_LABELS - 14.0, y + 4.5), names.kind(one.signature), "label", "end"),
            line((_LABELS, y), (_WIDTH - 58.0, y), "rail"),
            *[_share_dot(share, y, scale) for share in sorted(told, key=lambda one: one.policy == AUTOPILOT)],
            _crew_value(facts.share(one.signature, AUTOPILOT), y),
        ]
    )


def _share_dot(one: ShareFacts, y: float, scale: Scale) -> Markup:
    if one.saved_share is None:
        return Markup("")
    crew = one.policy == AUTOPILOT
    words = f"{names.policy(one.policy)}, {names.kind(one.signature)}: {names.share(one.saved_share)}"
    drawn = dot((scale(one.saved_share), y), 6.5 if crew else 4.5, f"dot p-{one.policy}", words)
    if not crew or one.saved_share_ci is None:
        return drawn
    low, high = one.saved_share_ci
    return together([line((scale(low), y), (scale(high), y), f"span p-{one.policy}"), drawn])


def _crew_value(one: ShareFacts | None, y: float) -> Markup:
    value = None if one is None else one.saved_share
    return text((_WIDTH - 4.0, y + 4.5), names.share(value), "value crew", "end")


def over_time(facts: Facts, kind: str) -> Markup:
    """Draw the success rate of the payments that the fault strikes, minute by minute around the onset."""
    told = [one for one in facts.courses if one.signature == kind]
    width, height, left, bottom = 372.0, 210.0, 40.0, 178.0
    low = _floor(told)
    x, y = Scale(told[0].from_minute, 60.0, left, width - 8.0), Scale(low, 1.0, bottom, 10.0)
    lines = [_course(one, x, y) for one in sorted(told, key=lambda one: _FRONT.get(one.policy, 1))]
    label = f"{names.kind(kind)}: success rate over time by policy"
    return drawing(width, height, label, _frame(x, y, bottom), *lines)


_FRONT = dict.fromkeys(BOUNDS, 0) | {COPILOT: 2, AUTOPILOT: 3}
"""What is drawn later lies above."""


def _course(one: CourseFacts, x: Scale, y: Scale) -> Markup:
    points = [
        None if rate is None else (x(minute + 0.5), y(rate))
        for minute, rate in enumerate(one.struck, start=one.from_minute)
        if minute < x.high
    ]
    return path(points, f"course p-{one.policy}")


def _floor(told: Sequence[CourseFacts]) -> float:
    """Give the lowest tenth below all rates, zero at least."""
    lowest = min((rate for one in told for rate in one.struck if rate is not None), default=0.0)
    return max(0.0, min(0.8, int(lowest * 10.0) / 10.0))


def _frame(x: Scale, y: Scale, bottom: float) -> Markup:
    step = 0.2 if y.high - y.low > 0.5 else 0.1  # noqa: PLR2004 - else labels would touch
    rates = [
        together(
            [
                line((x.start, y(rate)), (x.end, y(rate)), "grid"),
                text((x.start - 6.0, y(rate) + 4.0), f"{100.0 * rate:.0f} %", "tick", "end"),
            ]
        )
        for rate in y.ticks(step)
    ]
    minutes = [text((x(at), bottom + 16.0), f"{at:.0f}", "tick", "middle") for at in x.ticks(15.0)]
    onset = line((x(0.0), y.end), (x(0.0), bottom), "onset")
    words = text((x.end, bottom + 29.0), "minutes after the onset", "tick", "end")
    return together([*rates, onset, *minutes, words])


def left(facts: Facts) -> Markup:
    """Draw what the crew left in each kind, as a share of what could be saved, split by the reason."""
    rows = [one for one in facts.left_by_the_crew if one.payments_left > 0]
    rows.sort(key=lambda one: -one.payments_left)
    most = max((one.payments_left for one in rows), default=1)
    scale = Scale(0.0, float(most), _LABELS, _WIDTH - 70.0)
    drawn = [_left(one, 10.0 + _ROW * (row + 0.5), scale) for row, one in enumerate(rows)]
    label = "Payments that the oracle saved and the crew did not, by kind and reason"
    return drawing(_WIDTH, 20.0 + _ROW * len(rows), label, *drawn)


def _left(one: LeftFacts, y: float, scale: Scale) -> Markup:
    parts = [(reason, n) for reason, n in one.by_reason.items() if n > 0]
    ends = list(accumulate(n for _, n in parts))
    bars = [
        tag(
            "rect",
            tag("title", f"{names.kind(one.signature)}, {reason}: {names.count(n)} payments"),
            x=scale(end - n),
            y=y - 9.0,
            width=max(0.0, scale(end) - scale(end - n)),
            height=18,
            class_=f"bar r-{reason.split()[0]}",
        )
        for (reason, n), end in zip(parts, ends, strict=True)
    ]
    name = text((_LABELS - 14.0, y + 4.5), names.kind(one.signature), "label", "end")
    value = text((_WIDTH - 4.0, y + 4.5), names.count(one.payments_left), "value", "end")
    return together([name, *bars, value])


def _share_scale(found: Sequence[tuple[float | None, tuple[float, float] | None]]) -> Scale:
    """Give a scale that holds all shares and intervals, from 0 to 1 at least."""
    values = [value for share, span in found for value in (share, *(span or ())) if value is not None]
    low = max(_LOWEST, min([0.0, *values]))
    high = min(1.6, max([1.0, *values]))
    return Scale(low - (0.03 if low < 0.0 else 0.0), high + 0.02, _LABELS, _WIDTH - 60.0)
