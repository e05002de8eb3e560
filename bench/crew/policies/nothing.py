"""The floor: nobody does anything."""

from dataclasses import dataclass

from bench.crew.policies.policy import Move, Seen


@dataclass(frozen=True)
class Nothing:
    """Lets every fault take its course."""

    name: str = "nothing"

    def decide(self, seen: Seen) -> Move:
        """Do nothing."""
        return Move()
