"""The crew in an episode exactly as it runs in production, with a person beside it or alone."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.crew.play.judging import Judge, culprits_of
from bench.crew.play.lived import Lived
from bench.crew.play.meter import Meter
from bench.crew.play.person import Person
from bench.crew.play.without import Stretch, lost_with_each, stretches
from bench.crew.played import Act, Cost, Deeds, Said
from console.compose import on_duty
from console.settings import Settings
from console.worlds import Feed, switchboard_path
from graph.duty import Duty
from graph.report import CycleReport
from payments.incident import Incident, Status
from payments.segment import Segment
from payments.verdict import Mode
from simulator.traffic.scenario import Scenario
from simulator.traffic.source import TrafficSource
from simulator.traffic.switch_ledger import Ledger

_MANY = 10_000
"""More incidents than any episode has."""


def watch(scenario: Scenario, seed: int, ticks: int, mode: Mode) -> Lived:
    """Let the crew watch an episode with an empty memory, in a state folder of its own."""
    with TemporaryDirectory() as folder:
        settings = Settings(state_dir=Path(folder), mode=mode)
        with _world(scenario, seed, settings) as (world, ledger):
            episode = _Episode(scenario, seed, world, ledger, Judge(world.truth, world.topology))
            return episode.watched(settings, ticks)


@contextmanager
def _world(scenario: Scenario, seed: int, settings: Settings) -> Iterator[tuple[TrafficSource, Ledger]]:
    # A fixed name in place of a drawn one gives the same incident ids each time.
    name = f"simulator:{scenario.name}:{seed}:episode"
    switches = switchboard_path(name, settings)
    switches.parent.mkdir(parents=True)
    with closing(TrafficSource(scenario, seed, switches, feed=name)) as world:
        ledger = Ledger(switches)
        ledger.open()
        yield world, ledger


@dataclass(frozen=True)
class _Episode:
    scenario: Scenario
    seed: int
    world: TrafficSource
    ledger: Ledger
    judge: Judge

    def watched(self, settings: Settings, ticks: int) -> Lived:
        """Play the live time, then gather what was seen, said and done."""
        with on_duty(Feed(self.world, self.world, self.world), settings, tell_people=False) as duty:
            for _ in duty.learn_history():
                pass
            meter = Meter(self.world.truth, self.world.now, self.world.score)
            present = settings.mode is Mode.COPILOT
            person = Person(settings, self.seed, self.judge.is_right, present)
            began = time.process_time(), time.perf_counter()
            for _ in range(ticks):
                report = duty.cycle()
                meter.read(self.world.now, self.world.score)
                person.look(tuple(_waiting(report, duty)), self.world.now)
            cost = Cost(time.process_time() - began[0], time.perf_counter() - began[1])
            deeds = self._deeds(duty, len(person.asked), meter)
        return Lived(self.world.truth, meter, deeds, cost)

    def _deeds(self, duty: Duty, questions: int, meter: Meter) -> Deeds:
        store = duty.services.incidents
        incidents = sorted(store.list(feed=self.world.feed, limit=_MANY), key=lambda one: one.opened_at)
        met = [one.finding.at for one in incidents if self.judge.meets(one.finding)]
        return Deeds(
            detected_s=self.judge.since_onset_s(min(met)) if met else None,
            acts=tuple(self._acts(duty, incidents, meter)),
            said=tuple(self._said(duty, incidents)),
            questions=questions,
        )

    def _said(self, duty: Duty, incidents: list[Incident]) -> Iterator[Said]:
        named: list[Segment] = []
        for incident in incidents:
            evidence = duty.services.incidents.evidence(incident.id)
            if incident.diagnosis is None or evidence is None:
                continue
            yield self.judge.said(incident.finding, incident.diagnosis, evidence, named)
            named += culprits_of(incident.diagnosis)

    def _acts(self, duty: Duty, incidents: list[Incident], meter: Meter) -> Iterator[Act]:
        """Give each incident's action with what it cost: the steps of a rollout are one action."""
        store = duty.services.incidents
        owners = {held.key: one.id for one in incidents for held in store.interventions(one.id)}
        held = stretches(self.ledger.entries(), owners, self.world.now)
        lost = lost_with_each(self.scenario, self.seed, held, meter)
        first: dict[str, Stretch] = {}
        for stretch in held:
            first.setdefault(stretch.incident_id, stretch)
        for incident_id, one in first.items():
            yield self.judge.act(one.action, one.began, lost[incident_id])


def _waiting(report: CycleReport | None, duty: Duty) -> Iterator[Incident]:
    """Give the incidents that wait for a person."""
    if report is None:
        return
    for brief in (report.incident, *report.other_incidents):
        if brief is not None and brief.status is Status.WAITING:
            yield duty.services.incidents.get(brief.id)
