"""Where moved attempts end up when each target takes no more than its limit."""

import math

from payments.action import Reroute


def flows(action: Reroute, moved_per_s: float) -> dict[str, float]:
    """Give the steady flow to each target: first by its fraction, then the overflow to the most room.

    What finds no room anywhere is in no flow, for it stays on the source.

    >>> from payments.segment import Segment
    >>> to = {"b": 0.8, "c": 0.2}
    >>> move = Reroute(scope=Segment({}), from_route="a", share=1.0, to=to, limits_per_s={"b": 5.0})
    >>> flows(move, 10.0)
    {'b': 5.0, 'c': 5.0}
    """
    asked = {name: fraction * moved_per_s for name, fraction in action.to.items()}
    taken = {name: min(per_s, _limit(action, name)) for name, per_s in asked.items()}
    left = sum(asked.values()) - sum(taken.values())
    for name in sorted(taken, key=lambda name: (taken[name] - _limit(action, name), name)):
        more = max(0.0, min(left, _limit(action, name) - taken[name]))
        taken[name] += more
        left -= more
    return taken


def _limit(action: Reroute, name: str) -> float:
    return action.limits_per_s.get(name, math.inf)
