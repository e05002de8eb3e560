"""Where another policy saves more than the crew, and what in the numbers explains it."""

from collections.abc import Iterator, Mapping
from statistics import median

from bench.crew.played import AUTOPILOT, BOUNDS, CREW
from bench.crew.worth.conduct import mitigated_s
from bench.crew.worth.gains import Gains
from bench.crew.worth.leftovers import Left, Reason, leftovers
from bench.crew.worth.scores import Worth


def winners(found: Gains, worth: Worth) -> list[dict[str, object]]:
    """Give every kind in which another policy's share exceeds the crew's, the surest ones first."""
    results = found.results
    if AUTOPILOT not in results.policies:
        return []
    others = [name for name in results.policies if name not in {*BOUNDS, *CREW}]
    rows = [row for name in others for row in _rows(name, found, worth)]
    return sorted(rows, key=lambda row: (not row["surely"], str(row["signature"])))


def _rows(name: str, found: Gains, worth: Worth) -> Iterator[dict[str, object]]:
    told = zip(
        found.counted_names,
        worth.kind_leads(name, AUTOPILOT),
        worth.by_kind(name).tolist(),
        worth.by_kind(AUTOPILOT).tolist(),
        strict=True,
    )
    for kind, (ahead, interval), share, crew in told:
        if ahead > 0.0:
            yield {
                "signature": kind,
                "policy": name,
                "saved_share": share,
                "crew_saved_share": crew,
                "ahead_by": ahead,
                "ahead_by_ci": None if interval is None else list(interval),
                "surely": bool(interval and interval.low > 0.0),
                "why": _why(kind, found, twins=name in found.results.with_twins),
            }


def _why(kind: str, found: Gains, *, twins: bool) -> str:
    """Explain by what the crew left in this kind: where on its way from a fault to an action."""
    played = [one for one in found.results.of(AUTOPILOT) if one.kind == kind]
    (left,) = leftovers(found.results, AUTOPILOT, (kind,))
    other = "It decides for each payment and needs neither a finding nor a diagnosis. " if twins else ""
    acted = [at for one in played if (at := mitigated_s(one)) is not None]
    when = f", first {median(acted):.0f} s after the onset (median)" if acted else ""
    crew = f"The crew acted rightly in {len(acted)} of {len(played)} episodes{when}."
    return f"{other}{crew} {_most(left)}"


def _most(left: Left) -> str:
    """Say what kept the crew from most of what it left."""
    if left.payments <= 0:
        return "It left nothing of what the oracle saved."
    share = left.by_reason[left.worst] / left.payments
    return f"Of what it left, {min(1.0, share):.0%} {_WORDS[left.worst]}."


_WORDS: Mapping[Reason, str] = {
    "before it acted": "was lost before that action",
    "since it acted": "was lost after it, to its steps and limits and to the choice of the action",
    "not found": "lies in faults that it did not find",
    "asked and not answered": "lies in episodes in which it asked a person, who in autopilot is not there",
    "left alone": "lies in faults that it found and left alone",
    "wrong action": "lies in episodes in which it chose another action",
}
