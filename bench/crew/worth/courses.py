"""Success rates minute by minute around the onset: the mean course of the episodes of a kind."""

from collections.abc import Sequence

import numpy as np

from bench.crew.played import MINUTES_BEFORE, Course, Played, Results
from payments.quantity import Floats


def courses(results: Results) -> list[dict[str, object]]:
    """Give for each kind and policy the success rate in each minute: of all payments, and of those struck."""
    return [
        {
            "signature": kind,
            "policy": policy,
            "from_minute": -MINUTES_BEFORE,
            **_course([one for one in results.of(policy) if one.kind == kind]),
        }
        for kind in dict.fromkeys(results.kinds)
        for policy in results.policies
    ]


def _course(played: Sequence[Played]) -> dict[str, object]:
    told = [one.course for one in played]
    return {
        "all": _rates(told, "succeeded", "payments"),
        "struck": _rates(told, "struck_succeeded", "struck_payments"),
    }


def _rates(told: Sequence[Course], succeeded: str, payments: str) -> list[float | None]:
    """Give what succeeded of what was decided, the episodes added up; None for a minute without payments."""
    some, every = (np.sum([getattr(one, name) for one in told], axis=0) for name in (succeeded, payments))
    return [round(s / n, 5) if n else None for s, n in zip(_list(some), _list(every), strict=True)]


def _list(column: Floats) -> list[float]:
    values: list[float] = column.tolist()
    return values
