"""What an oracle may do about a fault, and which of it was best on the episodes that it was chosen on."""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from payments.action import ActionKind
from simulator.traffic.scenario import Fault

KEPT = Path(__file__).parents[1] / "oracle.json"
"""The choice, with the seeds that it was made on."""

Moves = Literal["nothing", "reroute", "best_first", "informed"]


class Remedy(BaseModel):
    """One candidate: how payments move, and how their retries are bounded, from the onset to the end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    moves: Moves = "nothing"
    """`reroute` is one reroute of the culprit, most where most is free; `best_first` is one as well, which
    fills the target where most succeed first; `informed` is no action but a router: it sends each payment
    that the fault strikes where its chance is best at the moment, and leaves the others alone."""
    limit: float = 0.95
    """Share of its capacity that each target takes."""
    suppress: bool = False
    max_attempts: int | None = None
    backoff_s: float = 0.0

    def __str__(self) -> str:
        moves = "" if self.moves == "nothing" else f"{self.moves} {self.limit:.0%}"
        retries = f"{self.max_attempts or 'any'} attempts after {self.backoff_s:.0f} s"
        parts = [moves, "suppress" if self.suppress else "", retries if self.bounds_retries else ""]
        return " + ".join(part for part in parts if part) or "nothing"

    @property
    def is_action(self) -> bool:
        """Whether the crew could do it: one action, decided once."""
        return self.moves != "informed"

    @property
    def bounds_retries(self) -> bool:
        """Whether it changes when or how often a payment is tried again."""
        return self.max_attempts is not None or self.backoff_s > 0.0


_LIMITS = (0.9, 0.95, 1.0)
_RETRIES: tuple[tuple[int | None, float], ...] = (
    (None, 0.0),
    (None, 60.0),
    (2, 0.0),
    (2, 60.0),
    (1, 0.0),
)
"""Most attempts and back-off in seconds, which is never longer than customers wait by themselves.

Longer ones would have them sit a fault out and buy then, all of them: the world lets them, people would not.
"""


def candidates() -> Iterator[Remedy]:
    """Give everything that may be done, the least first.

    Bounding retries beside a reroute is not among it: that is a wrong action about every fault on a route,
    and it added nothing to what informed reroutes gain; at worst it cost one to two in a hundred of that.
    """
    for most, backoff_s in _RETRIES:
        yield Remedy(max_attempts=most, backoff_s=backoff_s)
    yield Remedy(suppress=True)
    for moves, limit in product(("reroute", "best_first", "informed"), _LIMITS):
        yield Remedy.model_validate({"moves": moves, "limit": limit})


def allowed(remedy: Remedy, part: Fault) -> bool:
    """Say whether a remedy can do anything about a fault, and nothing that would be wrong about it.

    Where nothing has to be done, nothing may be.
    """
    on_a_route = part.culprit.role("route") is not None
    needs = {
        ActionKind.REROUTE: remedy.moves != "nothing",
        ActionKind.SUPPRESS: remedy.suppress,
        ActionKind.RETRY_POLICY: remedy.bounds_retries,
    }
    does = {kind for kind, needed in needs.items() if needed}
    fits = on_a_route or ActionKind.RETRY_POLICY in does or not does
    return not does or (fits and not part.trap and not does & part.wrong_actions)


class Choice(BaseModel):
    """The best remedies for one cause."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    remedy: Remedy
    """The best action: the oracle's."""
    clairvoyant: Remedy
    """The best of all, the router that knows each payment's chances included."""
    episodes: int
    payments: int
    """Of customers, in these episodes."""
    gained: int
    """Payments that succeed with the action and would not without."""
    tried: dict[str, int]
    """Remedy -> payments gained, the best first."""


class Choices(BaseModel):
    """The oracle's data: cause -> choice."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seeds: str
    causes: dict[str, Choice]

    def remedies(self) -> Mapping[str, Remedy]:
        """Give the best action for each cause."""
        return {cause: choice.remedy for cause, choice in self.causes.items()}

    def clairvoyant(self) -> Mapping[str, Remedy]:
        """Give the best of all that was tried for each cause."""
        return {cause: choice.clairvoyant for cause, choice in self.causes.items()}


@cache
def kept() -> Choices:
    """Read the choice that was made."""
    return Choices.model_validate_json(KEPT.read_text(encoding="utf-8"))


def causes_of(part: Fault) -> tuple[str, ...]:
    """Name what a remedy may depend on, the closest first; a culprit on one route leaves others to go to."""
    where = "" if part.culprit.role("route") is None else " on a route"
    return tuple(dict.fromkeys(f"{name}{where}" for name in (part.kind, part.name, part.category.value)))


def remedy_for(part: Fault, remedies: Mapping[str, Remedy]) -> Remedy:
    """Give what is best about a fault; nothing where that would be wrong about it."""
    known = next((remedies[cause] for cause in causes_of(part) if cause in remedies), Remedy())
    return known if allowed(known, part) else Remedy()
