"""Where a router sends payments when no route may take more than a limit, which is the same for all."""

from collections.abc import Callable

import numpy as np

from simulator.traffic.arrays import Flags, Floats

Preference = Callable[[Flags], Floats]
"""Open routes (routes,) -> where each group wants its payments among these, (groups, routes).

Rows sum to 1, or to 0 where a group wants none of the open routes. Closed routes get 0.
"""
_NOTHING = 1e-9


def allocate(flow: Floats, prefer: Preference, room: Floats) -> Floats:
    """Place each group's payments as it prefers, and what finds no room as it prefers among the rest.

    A route in demand for more than its room gives each group the same part of what it wants.

    Args:
        flow: attempts a second of each group, (groups,).
        prefer: asked again each time that a route is full.
        room: attempts a second that each route may carry in all, (routes,).

    Returns:
        Share of each group on each route, (groups, routes); rows sum to at most 1, and what is missing found
        no room.
    """
    placed, left = np.zeros((len(flow), len(room))), np.ones(len(flow))
    room = room.copy()
    for _ in room:
        wanted = left[:, None] * prefer(room > _NOTHING)
        load = flow @ wanted
        part = np.minimum(1.0, room / np.maximum(load, _NOTHING))
        placed += wanted * part
        left = np.maximum(0.0, left - (wanted * part).sum(axis=1))
        room = np.where(part < 1.0, 0.0, room - load)
        if left.max(initial=0.0) <= _NOTHING:
            break
    return placed


def limits_per_s(flow: Floats, usual: Floats, wanted: Floats, most_per_s: Floats) -> Floats:
    """Give the moved attempts a second that each route may take: what its own payments leave, (routes,).

    Args:
        flow: attempts a second of each demand, (demands,).
        usual: shares without a router, (demands, routes).
        wanted: shares with it, (demands, routes).
        most_per_s: attempts a second that each route may carry in all, (routes,).
    """
    staying = flow @ np.minimum(usual, wanted)
    limits: Floats = np.maximum(0.0, most_per_s - staying)
    return limits
