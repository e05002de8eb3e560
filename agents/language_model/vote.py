"""How a model's ranking would move the engine's probabilities: bounded, and on people's card alone."""

from collections.abc import Mapping, Sequence
from math import exp, log

WEIGHT_AT_MOST = 0.7
"""Most that a vote moves the log odds between two causes: as much as similar past incidents may."""

_LEAST = 1e-12


def votes(ranking: Sequence[str], among: Sequence[str]) -> dict[str, float]:
    """Give each cause its centred Borda count, from 1/2 for the first to -1/2 for the last.

    Causes that the ranking leaves out share the places behind it.
    """
    ranked = [one for one in ranking if one in among]
    behind = (len(ranked) + len(among) - 1) / 2.0
    places = {one: float(ranked.index(one)) if one in ranked else behind for one in among}
    last = max(len(among) - 1, 1)
    return (
        {one: 0.5 - place / last for one, place in places.items()}
        if len(among) > 1
        else dict.fromkeys(among, 0.0)
    )


def weighed(probabilities: Mapping[str, float], ranking: Sequence[str], weight: float) -> dict[str, float]:
    """Give probabilities proportional to p exp(w vote), which sum to what they did; w is 0 to 0.7.

    Raises:
        ValueError: the weight is outside its bounds.
    """
    if not 0.0 <= weight <= WEIGHT_AT_MOST:
        msg = f"the weight of a vote is {weight!r}, it must lie between 0 and {WEIGHT_AT_MOST}"
        raise ValueError(msg)
    if not weight:
        return dict(probabilities)
    vote = votes(ranking, list(probabilities))
    raised = {one: exp(log(max(p, _LEAST)) + weight * vote[one]) for one, p in probabilities.items()}
    whole = sum(raised.values()) or 1.0
    return {one: sum(probabilities.values()) * share / whole for one, share in raised.items()}
