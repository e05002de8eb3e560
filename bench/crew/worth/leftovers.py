"""What a policy did not save of what could be saved, and what came in between."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

from bench.crew.played import MINUTES_BEFORE, ORACLE, Played, Results
from bench.crew.worth.conduct import mitigated_s

Reason = Literal[
    "not found", "asked and not answered", "left alone", "wrong action", "before it acted", "since it acted"
]


def parts(played: Played, best: Played) -> Mapping[Reason, int]:
    """Split the payments that the best of an episode saved beyond a policy by what kept it from them.

    Where it acted rightly, the minutes up to that action are told from those after: what is lost since then
    lies in steps, limits and the choice of the action.
    """
    left = best.whole.succeeded - played.whole.succeeded
    acted_s = mitigated_s(played)
    if acted_s is None:
        return {_without_action(played): left}
    until = max(0, MINUTES_BEFORE + ceil(acted_s / 60.0))
    before = sum(best.course.succeeded[:until]) - sum(played.course.succeeded[:until])
    return {"before it acted": before, "since it acted": left - before}


def _without_action(played: Played) -> Reason:
    deeds = played.deeds
    if deeds.acts:
        return "wrong action"
    if deeds.questions:
        return "asked and not answered"
    return "left alone" if deeds.detected_s is not None else "not found"


@dataclass(frozen=True)
class Left:
    """What a policy left in one kind."""

    kind: str
    by_reason: Mapping[Reason, int]
    """Payments, the most first."""

    @property
    def payments(self) -> int:
        """All that it left."""
        return sum(self.by_reason.values())

    @property
    def worst(self) -> Reason:
        """The reason for most of it."""
        return max(self.by_reason, key=lambda reason: self.by_reason[reason])


def leftovers(results: Results, policy: str, kinds: Sequence[str]) -> tuple[Left, ...]:
    """Add up for each kind what the oracle saved beyond a policy, by the reason."""
    by_kind: dict[str, Counter[Reason]] = {kind: Counter() for kind in kinds}
    for played, best in zip(results.of(policy), results.of(ORACLE), strict=True):
        if played.kind in by_kind:
            by_kind[played.kind].update(parts(played, best))
    return tuple(Left(kind, dict(by.most_common())) for kind, by in by_kind.items())
