"""What a policy sees of the world each tick, and what it may do in it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from payments.action import Action
from payments.maintenance import Maintenance
from payments.route import Route
from payments.window import Window
from simulator.traffic.detours import Routing


@dataclass(frozen=True)
class Seen:
    """What a real system would know at the end of a tick."""

    window: Window
    """The last increment."""
    routes: tuple[Route, ...]
    """Capacity, load and success of each route over the last minute."""
    now: datetime
    planned: tuple[Maintenance, ...] = ()
    """Downtimes in force that the team was told of."""


@dataclass(frozen=True)
class Move:
    """What shall hold during the next tick, and no longer unless it is said again."""

    actions: tuple[Action, ...] = ()
    routing: Routing | None = None
    """Where each payment goes, of a policy that decides for each."""
    said: str = ""
    """Why, for people; empty while nothing is new."""


class Policy(Protocol):
    """Decides once a tick; it is fresh in each episode and sees the quiet past first."""

    @property
    def name(self) -> str:
        """Name in results."""
        ...

    def decide(self, seen: Seen) -> Move:
        """Take in what happened and say what shall hold next."""
        ...
