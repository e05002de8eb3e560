"""Episodes over HTTP, found again by their id; forgotten ones make room."""

import uuid
from collections import OrderedDict
from collections.abc import Callable

from payments.errors import NotFoundError
from simulator.cases.environment import PayOpsEnvironment
from simulator.cases.vocabulary import View


class Episodes:
    """Environments by view and episode id, the one that was used least recently first.

    Args:
        most: Episodes at a time.
        idle_s: An episode that nobody uses for so long is forgotten.
        now_s: The time in seconds from any start.
    """

    def __init__(self, most: int, idle_s: float, now_s: Callable[[], float]) -> None:
        self._most = most
        self._idle_s = idle_s
        self._now_s = now_s
        self._kept: OrderedDict[tuple[View, str], tuple[float, PayOpsEnvironment]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, view: View, episode_id: str | None, environment: PayOpsEnvironment) -> str:
        """Keep an episode under its id, or a new one; the oldest makes room."""
        name = episode_id or str(uuid.uuid4())
        self._forget_idle()
        self._keep(view, name, environment)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return name

    def get(self, view: View, episode_id: str) -> PayOpsEnvironment:
        """Find an episode; a trainer's is found only by trainers.

        Raises:
            NotFoundError: it was never started, or was forgotten.
        """
        self._forget_idle()
        found = self._kept.get((view, episode_id))
        if found is None:
            msg = f"There is no episode {episode_id[:80]!r}: start one with /reset"
            raise NotFoundError(f"{msg} (one that is unused for {self._idle_s:g} seconds is forgotten).")
        self._keep(view, episode_id, found[1])
        return found[1]

    def _keep(self, view: View, episode_id: str, environment: PayOpsEnvironment) -> None:
        """Note a use."""
        self._kept[view, episode_id] = (self._now_s(), environment)
        self._kept.move_to_end((view, episode_id))

    def _forget_idle(self) -> None:
        """Drop what nobody uses."""
        oldest_s = self._now_s() - self._idle_s
        while self._kept and next(iter(self._kept.values()))[0] < oldest_s:
            self._kept.popitem(last=False)
