"""What it is worth to move payments to other routes: reroute and suppress."""

from collections.abc import Mapping
from dataclasses import dataclass

from agents.planner.case import Case
from agents.planner.flows import flows
from agents.planner.overload import relief_per_s
from agents.planner.remedies import Remedy
from agents.planner.targets import eligible, gain, room_per_s, spread, success
from payments.action import Reroute, Suppress
from payments.route import Route

_WHOLE_BPS = 10_000.0


@dataclass(frozen=True)
class Move:
    """Attempts a second that leave their route."""

    source: str | None
    to: Mapping[str, float]
    """Target -> attempts a second."""
    stranded: float
    """Those that leave their route and find no other."""
    culprit_share: float
    """Share of them that belongs to the culprit, which alone can be healed."""

    @classmethod
    def of(cls, action: Reroute | Suppress, case: Case) -> "Move":
        """Say what an action moves."""
        per_s, share = case.attempts_per_s(action.scope), case.culprit_share(action)
        if isinstance(action, Reroute):
            return cls(action.from_route, flows(action, action.share * per_s), 0.0, share)
        source = action.scope.role("route")
        to, stranded = _spread(per_s, source, case)
        return cls(source, to, stranded, share)

    @property
    def per_s(self) -> float:
        """Attempts a second that are touched."""
        return sum(self.to.values()) + self.stranded

    def won_per_s(self, remedy: Remedy, case: Case) -> float:
        """Give the payments won a second by a full remedy, were all of them the culprit's."""
        loss = case.loss(remedy)
        if relief_per_s(case, self.source) is not None:
            return self._relieved(loss, case)
        return sum(per_s * max(0.0, gain(route, loss, case)) for route, per_s in self._carried(case))

    def lost_per_s(self, remedy: Remedy, case: Case) -> float:
        """Give the payments lost a second, whatever the cause: on worse targets, or for want of room."""
        loss, carried = case.loss(remedy), self._carried(case)
        worse = sum(per_s * max(0.0, -gain(route, loss, case)) for route, per_s in carried)
        return worse + max(0.0, self.per_s - sum(per_s for _, per_s in carried)) * (1.0 - loss)

    def spread_per_s(self, case: Case) -> float:
        """Give the standard deviation of the successes a second; the targets are taken to err together."""
        return sum(per_s * spread(route, case) for route, per_s in self._carried(case))

    def fees_per_s(self, case: Case) -> float:
        """Give the extra fees a second as a multiple of the average amount; a cheaper route wins nothing."""
        source = case.route(self.source)
        old = _bps(source.fee_bps) if source else 0.0
        known = [(case.route(name), per_s) for name, per_s in self.to.items()]
        extra = sum(per_s * (_bps(route.fee_bps) - old) for route, per_s in known if route)
        return max(0.0, extra) / _WHOLE_BPS

    def _relieved(self, loss: float, case: Case) -> float:
        """Each attempt that leaves an overloaded route makes room for another, while there is excess."""
        excess_per_s = max(0.0, loss - case.usual_loss) * case.culprit_per_s
        useful = min(1.0, excess_per_s / self.per_s) if self.per_s else 0.0
        return useful * sum(per_s * success(route, case) for route, per_s in self._carried(case) if route)

    def _carried(self, case: Case) -> list[tuple[Route | None, float]]:
        """Give what each target has room for in its whole capacity; the rest is lost there."""
        flows_to = [(case.route(name), per_s) for name, per_s in self.to.items()]
        rooms = [room_per_s(route, 1.0) if route else None for route, _ in flows_to]
        return [
            (route, per_s if room is None else min(per_s, room))
            for (route, per_s), room in zip(flows_to, rooms, strict=True)
        ]


def _bps(fee: float) -> float:
    return min(fee, _WHOLE_BPS)


def _spread(per_s: float, source: str | None, case: Case) -> tuple[dict[str, float], float]:
    """Send suppressed payments where there is room, in proportion to it; give also what finds none."""
    rooms = {route.name: room_per_s(route, case.load_limit) for route in eligible(case, source)}
    if not rooms:
        return {}, per_s
    if None in rooms.values():  # a route of unknown capacity may take anything
        return {name: per_s / len(rooms) for name in rooms}, 0.0
    free = {name: room for name, room in rooms.items() if room}
    together = sum(free.values())
    carried = min(per_s, together)
    return {name: carried * (room / together) for name, room in free.items()}, per_s - carried
