"""Several ways of telling as one."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tools.ports import Cycle, Event, Telemetry


@dataclass(frozen=True)
class Joined:
    """Implements `Telemetry`: tells all of its parts."""

    parts: Sequence[Telemetry]

    @contextmanager
    def span(self, name: str, incident_id: str = "") -> Iterator[None]:
        """Time a stage in every part."""
        with ExitStack() as stack:
            for part in self.parts:
                stack.enter_context(part.span(name, incident_id))
            yield

    def happened(self, event: Event) -> None:
        """Tell every part."""
        for part in self.parts:
            part.happened(event)

    def cycled(self, cycle: Cycle) -> None:
        """Tell every part."""
        for part in self.parts:
            part.cycled(cycle)
