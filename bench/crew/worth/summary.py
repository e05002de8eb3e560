"""All that was played as the numbers that are reported."""

import math
from collections import Counter
from collections.abc import Sequence
from statistics import fmean

import numpy as np

from bench.crew.played import AUTOPILOT, CREW, NOTHING, ORACLE, TOLD_THE_TRUTH, Results
from bench.crew.worth import gains
from bench.crew.worth.conduct import conduct, pairs, restraint
from bench.crew.worth.courses import courses
from bench.crew.worth.gains import Gains, counted_kinds
from bench.crew.worth.leftovers import leftovers
from bench.crew.worth.scores import LEAST_GAIN, RESAMPLES, Interval, Kinds, Worth, resampled
from bench.crew.worth.winners import winners

SEED = 2_000
"""Of the bootstrap."""


def summarise(results: Results) -> dict[str, object]:
    """Give every number but those of speed."""
    kinds = Kinds.of(results.kinds)
    weights = resampled(kinds, np.random.default_rng(SEED))
    found = Gains(results, kinds, counted_kinds(results, kinds), weights)
    worth = found.worth(gains.payments)
    return {
        "episodes": len(results.episodes),
        "policies": [_policy(name, found, worth) for name in results.policies],
        "per_signature": [row for name in results.policies for row in _signatures(name, found, worth)],
        "traps": restraint(pairs(results, AUTOPILOT)) if AUTOPILOT in results.policies else None,
        "restraint": [{"policy": name, **restraint(pairs(results, name))} for name in results.policies],
        "kinds": _kinds(found),
        "where_others_win": winners(found, worth),
        "left_by_the_crew": _left(found),
        "courses": courses(results),
        "marks": dict(Counter(mark for one in results.of(NOTHING) for mark in one.truth.marks)),
        "episode_cpu_s_mean": {name: _mean_cpu_s(results, name) for name in results.policies},
        "least_gain": LEAST_GAIN,
        "resamples": RESAMPLES,
    }


def _policy(name: str, found: Gains, worth: Worth) -> dict[str, object]:
    acts = name == NOTHING or name not in found.results.with_twins
    money, firsts = found.worth(gains.money), found.worth(gains.firsts)
    return {
        "name": name,
        "saved_share": number(worth.mean(name)),
        "saved_share_ci": plain(worth.mean_interval(name)),
        "money_saved_share": number(money.mean(name)),
        "money_saved_share_ci": plain(money.mean_interval(name)),
        "first_attempts_saved_share": number(firsts.mean(name)),
        "payments_saved": int(worth.saved[name].sum()),
        "money_saved_minor": round(float(money.saved[name].sum())),
        "acts": acts,
        **conduct(pairs(found.results, name), acts=acts),
        **_behind(name, worth, found.results.policies),
    }


def _behind(name: str, worth: Worth, policies: Sequence[str]) -> dict[str, object]:
    """Compare a policy with the crew in autopilot, over the same episodes."""
    if AUTOPILOT not in policies:
        return {}
    lead, interval = worth.lead(AUTOPILOT, name)
    return {
        "crew_leads_by": number(lead),
        "crew_leads_by_ci": plain(interval),
        "crew_leads_surely": bool(interval and interval.low > 0.0)
        if name not in {*CREW, *TOLD_THE_TRUTH}
        else None,
    }


def _signatures(name: str, found: Gains, worth: Worth) -> list[dict[str, object]]:
    shares, intervals = worth.by_kind(name).tolist(), worth.kind_intervals(name)
    return [
        {"signature": kind, "policy": name, "saved_share": number(share), "saved_share_ci": plain(interval)}
        for kind, share, interval in zip(found.counted_names, shares, intervals, strict=True)
    ]


def _kinds(found: Gains) -> list[dict[str, object]]:
    """Say of each kind how often it was played, and what there was to be saved."""
    best = found.kinds.sums(gains.saved_by(found.results, ORACLE, gains.payments))
    during = np.array([gains.decided(one.during) for one in found.results.of(NOTHING)])
    rows = zip(
        found.kinds.names, found.kinds.sizes, best, found.kinds.sums(during), found.counted, strict=True
    )
    return [
        {
            "signature": name,
            "episodes": int(size),
            "oracle_saved": int(saved),
            "payments_during": int(payments),
            "oracle_gain_share": number(float(saved) / float(payments) if payments else math.nan),
            "counts": bool(counts),
        }
        for name, size, saved, payments, counts in rows
    ]


def _left(found: Gains) -> list[dict[str, object]]:
    if AUTOPILOT not in found.results.policies:
        return []
    return [
        {"signature": left.kind, "payments_left": left.payments, "by_reason": dict(left.by_reason)}
        for left in leftovers(found.results, AUTOPILOT, found.counted_names)
    ]


def _mean_cpu_s(results: Results, policy: str) -> float:
    return fmean(one.cost.cpu_s for one in results.of(policy))


def number(value: float) -> float | None:
    """Give a number that JSON knows."""
    return None if math.isnan(value) else value


def plain(interval: Interval | None) -> list[float] | None:
    """Give an interval as JSON has it."""
    return None if interval is None else list(interval)
