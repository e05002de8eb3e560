"""What would have become of the payments without one action: the episode again, with all the others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bench.crew.play.meter import Meter
from payments.action import ACTION, Action
from simulator.traffic.scenario import Scenario
from simulator.traffic.stage import Stage
from simulator.traffic.switch_ledger import Entry


@dataclass(frozen=True)
class Stretch:
    """A switch that was in force for some time, of one incident."""

    incident_id: str
    action: Action
    began: datetime
    ended: datetime

    def holds(self, at: datetime) -> bool:
        """Say whether it is in force in an increment that begins at an instant."""
        return self.began <= at < self.ended


def stretches(entries: Sequence[Entry], owners: Mapping[str, str], until: datetime) -> tuple[Stretch, ...]:
    """Read in the ledger of the switches what was really in force, and when, the earliest first.

    Args:
        entries: of the ledger.
        owners: key -> incident.
        until: end of what is still in force.
    """
    ends: dict[str, datetime] = {}
    for entry in entries:
        if entry.event != "began":
            ends.setdefault(entry.key, entry.at)
    return tuple(
        Stretch(owners[entry.key], ACTION.validate_json(entry.action), entry.at, ends.get(entry.key, until))
        for entry in entries
        if entry.event == "began"
    )


def lost_with_each(
    scenario: Scenario, seed: int, stretches: Sequence[Stretch], meter: Meter
) -> Mapping[str, int]:
    """Give for each incident the payments that succeed without its action, less those that did with it."""
    succeeded = meter.whole.succeeded
    return {
        incident_id: replayed(scenario, seed, _others(stretches, incident_id), meter.ticks) - succeeded
        for incident_id in dict.fromkeys(stretch.incident_id for stretch in stretches)
    }


def replayed(scenario: Scenario, seed: int, stretches: Sequence[Stretch], ticks: int) -> int:
    """Play an episode with these switches and give the payments that succeed in its live time."""
    stage = Stage(scenario, seed)
    for _ in stage.history():
        pass
    before = stage.score
    for _ in range(ticks):
        stage.step(tuple(_in_force(stretches, stage.now)))
    return (stage.score - before).succeeded


def _others(stretches: Sequence[Stretch], incident_id: str) -> Sequence[Stretch]:
    return [stretch for stretch in stretches if stretch.incident_id != incident_id]


def _in_force(stretches: Sequence[Stretch], at: datetime) -> Iterator[Action]:
    return (stretch.action for stretch in stretches if stretch.holds(at))
