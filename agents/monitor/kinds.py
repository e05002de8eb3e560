"""What is counted of every cell, and which of it is watched: the columns of the monitor's tables."""

from typing import NamedTuple

import numpy as np

from payments.codes import CodeGroup, look_up
from payments.finding import SignalKind


class Kind(NamedTuple):
    """One watched share, as a signal names it."""

    signal: SignalKind
    detail: str = ""
    """The group of codes, or the quantile."""


GROUPS = tuple(group for group in CodeGroup if group is not CodeGroup.TECHNICAL)
"""Groups of codes with a column of their own; technical failures are counted by their flag."""

SLOW_QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
FAST_QUANTILE = 0.1

WATCHED: tuple[Kind, ...] = (
    Kind("failures"),
    Kind("technical"),
    Kind("pending"),
    Kind("repeats"),
    *(Kind("codes", group.value) for group in GROUPS),
    *(Kind("slow", quantile) for quantile in SLOW_QUANTILES),
)
"""Watched columns, in their order; `fast` follows them and is counted for the evidence only."""

VOLUME_UP, VOLUME_DOWN = Kind("volume_up"), Kind("volume_down")

FAILURES, TECHNICAL, PENDING, REPEATS = range(4)
FIRST_GROUP = 4
FIRST_BY_LATENCY = FIRST_GROUP + len(GROUPS)
"""From this column on the trials are the latency samples, before it the attempts."""
SLOW = FIRST_BY_LATENCY + list(SLOW_QUANTILES).index("p90")
"""The column that the evidence shows as slow."""
FAST = len(WATCHED)
COLUMNS = FAST + 1

IS_GROUP = np.array([kind.signal == "codes" for kind in WATCHED])
"""Watched columns of code groups: shape (watched,)."""

_COLUMN_OF: dict[CodeGroup, int] = {group: FIRST_GROUP + place for place, group in enumerate(GROUPS)}


def group_column(code: str) -> int | None:
    """Give the column that counts the group of a code; None for one that only counts as technical."""
    return _COLUMN_OF.get(look_up(code).group)
