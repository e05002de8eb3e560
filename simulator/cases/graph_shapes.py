"""What a family says about the payments around a case; `graphs` draws it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Pattern: TypeAlias = Literal[
    "fan_in", "fan_out", "cycle", "scatter_gather", "gather_scatter", "layers", "pass_through"
]


@dataclass(frozen=True, slots=True)
class GraphShape:
    """A pattern around the account in question, with the ranges its numbers are drawn from.

    Two worlds share a pattern: only the ranges, and what the finding's odds make of them, differ.
    """

    pattern: Pattern
    spokes: tuple[int, int] = (8, 14)
    """Accounts on each side of the pattern, or hops of a cycle; both ends included."""
    amount: tuple[float, float] = (200.0, 900.0)
    """Of each payment, in the case's currency."""
    pass_through: tuple[float, float] = (0.9, 0.99)
    """Share of what came in that left again within seven days."""
    dwell_minutes: tuple[int, int] = (15, 240)
    """Median time that money stayed."""
    shared_devices: tuple[int, int] = (0, 1)
    """Accounts of the graph that use a device of another one."""
    hops_to_listed: tuple[int, int] | None = None
    """Distance to a listed party, or None when none is within reach."""
