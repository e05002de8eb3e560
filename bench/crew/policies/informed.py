"""A reroute that knows the chances: each struck payment goes where it most likely succeeds and has room."""

import numpy as np

from bench.crew.policies.allocation import Preference, allocate, limits_per_s
from bench.crew.policies.hopes import Hopes
from simulator.traffic.arrays import Flags, Floats
from simulator.traffic.detours import Routing

_LEAST_GAIN = 0.005
"""In chance of success, below which no payment moves."""
_CLASSES = 10.0
"""Those that gain most are placed first, in classes of a tenth."""


def informed(flow: Floats, hopes: Hopes, struck: Flags, most_per_s: Floats) -> Routing | None:
    """Route the struck payments; None when no path of them has a better one.

    Args:
        flow: attempts a second of each demand, (demands,).
        hopes: chances and usual shares at the moment.
        struck: paths whose payments may move, (demands, routes).
        most_per_s: attempts a second that each route may carry in all, (routes,).
    """
    demand, source = np.nonzero(struck & (hopes.shares > 0.0))
    chance = hopes.moved[demand]
    own = hopes.staying[demand, source]
    gain = chance.max(axis=1, initial=0.0) - own
    moves = gain > _LEAST_GAIN
    if not moves.any():
        return None
    demand, source, chance, own, gain = (x[moves] for x in (demand, source, chance, own, gain))
    every = np.arange(len(demand))
    chance[every, source] = own
    part = hopes.shares[demand, source]
    wanted = hopes.shares.copy()
    wanted[demand, source] = 0.0
    room = np.maximum(0.0, most_per_s - flow @ wanted)
    placed = _placed(flow[demand] * part, chance, gain, room)
    placed[every, source] += 1.0 - placed.sum(axis=1)
    np.add.at(wanted, demand, part[:, None] * placed)
    return Routing(wanted, limits_per_s(flow, hopes.shares, wanted, most_per_s))


def _placed(flow: Floats, chance: Floats, gain: Floats, room: Floats) -> Floats:
    """Place the payments of each path, those with most to gain first: (paths, routes)."""
    placed = np.zeros_like(chance)
    rank = np.round(gain * _CLASSES)
    for level in np.unique(rank)[::-1]:
        rows = rank == level
        placed[rows] = allocate(flow[rows], _best_of(chance[rows]), room)
        room = np.maximum(0.0, room - flow[rows] @ placed[rows])
    return placed


def _best_of(chance: Floats) -> Preference:
    def prefer(open_routes: Flags) -> Floats:
        best = np.where(open_routes, chance, -1.0).argmax(axis=1)
        wanted: Floats = np.eye(len(open_routes))[best] * open_routes
        return wanted

    return prefer
