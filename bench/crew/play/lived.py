"""An episode just lived through, before it becomes a plain value."""

from dataclasses import dataclass

from bench.crew.play.judging import truth_of
from bench.crew.play.meter import Meter
from bench.crew.played import Cost, Deeds, Played, Task
from simulator.traffic.scenario import Fault


@dataclass(frozen=True)
class Lived:
    """What was measured while a policy was at work."""

    fault: Fault
    meter: Meter
    deeds: Deeds
    cost: Cost

    def as_played(self, task: Task) -> Played:
        """Keep what is scored."""
        return Played(
            task=task,
            truth=truth_of(self.fault),
            whole=self.meter.whole,
            during=self.meter.during,
            course=self.meter.course,
            deeds=self.deeds,
            cost=self.cost,
            hours=self.meter.hours,
        )
