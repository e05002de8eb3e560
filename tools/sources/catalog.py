"""What the payments seen tell about their routes: who carries what, how much of it, and how well."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from payments.route import Route
from payments.segment import Role, Segment, role_of
from payments.window import Cells, Window

_Bools = npt.NDArray[np.bool_]

_DEMAND = frozenset({"method", "network", "merchant", "country"})
"""Roles that say which routes may take a payment, such as a contract of the merchant for this method."""


@dataclass(frozen=True)
class SeenCatalog:
    """Implements `RouteCatalog` from cells: a route can carry what it was ever seen to carry.

    Capacities are unknown. The load is that of the whole route, the success rate that of the scope's kind of
    payments, both over the recent windows.
    """

    known: Callable[[], Cells]
    """All cells seen so far."""
    recent: Callable[[], Sequence[Window]]

    @property
    def cells(self) -> Cells:
        """All cells seen so far."""
        return self.known()

    def routes(self, scope: Segment) -> tuple[Route, ...]:
        """Give the routes that carry the scope's merchant, method, network and country, by name."""
        place = next((n for n, name in enumerate(self.cells.attributes) if role_of(name) == "route"), None)
        if place is None:
            return ()
        demand = self.cells.mask(
            Segment({name: value for name, value in scope.root.items() if role_of(name) in _DEMAND})
        )
        names = sorted({self.cells.keys[row][place] for row in np.flatnonzero(demand).tolist()} - {""})
        return tuple(self._route(self.cells.attributes[place], name, demand) for name in names)

    def _route(self, attribute: str, name: str, demand: _Bools) -> Route:
        carried = self.cells.mask(Segment({attribute: name}))
        windows = self.recent()
        seconds = sum(window.duration_s for window in windows)
        load = sum(int(window.attempts[carried].sum()) for window in windows)
        attempts = sum(int(window.attempts[carried & demand].sum()) for window in windows)
        successes = sum(int(window.successes[carried & demand].sum()) for window in windows)
        return Route(
            name=name,
            capacity_per_s=None,
            load_per_s=load / seconds if seconds else 0.0,
            success_rate=successes / attempts if attempts else None,
            methods=self._seen(carried, "method"),
            countries=self._seen(carried, "country"),
        )

    def _seen(self, carried: _Bools, role: Role) -> tuple[str, ...]:
        """Give the values of an attribute that a route carries; currencies are not told by route."""
        places = [n for n, name in enumerate(self.cells.attributes) if role_of(name) == role]
        rows = np.flatnonzero(carried).tolist()
        return tuple(sorted({self.cells.keys[row][place] for row in rows for place in places} - {""}))
