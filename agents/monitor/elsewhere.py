"""How payments like those of a segment usually fare when another value of one attribute serves them."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from agents.monitor.kinds import FAILURES, PENDING
from agents.monitor.learned import Learned
from payments.segment import Segment

KNOWN_FROM = 0.5
"""Share of the segment's payments whose rates under a value must be known."""


def usual_success(segment: Segment, attribute: str, learned: Learned) -> Mapping[str, float]:
    """Give the learned success of the segment's payments under each value of an attribute.

    The mean over the segment's cells by their usual attempts, each with the rate of the cell that differs
    from it in the attribute alone; a value that has few of these cells is left out.
    """
    streams = learned.streams
    if streams.attributes is None or attribute not in streams.attributes:
        return {}
    place, rates = streams.attributes.index(attribute), learned.baseline.rates
    good = 1.0 - rates[:, FAILURES] - rates[:, PENDING]
    keys, level = streams.keys, learned.volume.level()
    weights: dict[tuple[str, ...], float] = defaultdict(float)
    for row in np.flatnonzero(streams.mask(segment)).tolist():
        weights[keys[row][:place] + keys[row][place + 1 :]] += float(level[row])
    seen: dict[str, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
    for row, key in enumerate(keys):
        weight = weights.get(key[:place] + key[place + 1 :])
        if weight:
            known, won = seen[key[place]]
            seen[key[place]] = known + weight, won + weight * float(good[row])
    whole = sum(weights.values())
    return {value: won / known for value, (known, won) in seen.items() if known > KNOWN_FROM * whole}
