"""A team's incident under the crew with a prepared memory, and under policies that know all or nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.crew.play.judging import Judge, culprits_of
from bench.crew.played import Said
from bench.crew.policies.making import make
from bench.crew.policies.policy import Move, Seen
from bench.memory.team import Day
from console.compose import on_duty, open_memory
from console.settings import Settings
from console.worlds import Feed, switchboard_path
from graph.duty import Duty
from payments.incident import Incident
from payments.lesson import Lesson
from payments.segment import Segment
from payments.verdict import Mode
from simulator.traffic.source import TrafficSource
from simulator.traffic.stage import Stage
from simulator.traffic.world import World

_ALL = Segment({})
_SETTLED_S = 9_000.0
"""After which every action has expired for good: a quarter of an hour, renewed seven times, and some."""
_SEEN_S = 60.0
"""After the end of a fault until what it left behind has been paid or given up."""
_MANY = 1_000
"""More incidents than any day has."""


@dataclass(frozen=True)
class Outcome:
    """What became of a day."""

    succeeded: int
    """Payments that went through, of the live time."""
    struck: int = 0
    """Payments that the fault strikes, wherever they went."""
    first_right_s: float | None = None
    """From the onset to the first right action."""
    said: tuple[Said, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    """What the crew learned of it."""


class _Stage(Stage):
    """A team's world with the luck of one day."""

    def __init__(self, day: Day) -> None:
        super().__init__(day.scenario, day.team_seed)
        self._world = World(self.topology, day.luck, struck=self._world.struck)


class _Source(TrafficSource):
    """The same as a source of increments."""

    def __init__(self, day: Day, switches: Path, feed: str) -> None:
        super().__init__(day.scenario, day.team_seed, switches, feed=feed)
        self.stage = _Stage(day)


def play_without_crew(day: Day, policy: str) -> Outcome:
    """Let a policy of the crew's measurement play a day: `nothing` or `oracle`."""
    stage = _Stage(day)
    plays, move = make(policy, stage.topology, stage.truth, day.team_seed), Move()
    for window in stage.history():
        plays.decide(Seen(window, stage.routes(_ALL), stage.now, stage.planned(stage.now)))
    before = stage.score
    for _ in range(day.ticks(_SEEN_S)):
        window = stage.step(move.actions, move.routing)
        move = plays.decide(Seen(window, stage.routes(_ALL), stage.now, stage.planned(stage.now)))
    during = stage.score - before
    return Outcome(during.succeeded, during.struck_succeeded + during.struck_failed)


def play(day: Day, prepare: Callable[[Settings], None], *, to_the_end: bool = False) -> Outcome:
    """Let the crew in autopilot play a day, in a state folder that `prepare` filled.

    Args:
        day: to be played.
        prepare: makes the memory.
        to_the_end: go on until all is settled and every lesson final; only then there are lessons.
    """
    with TemporaryDirectory() as folder:
        settings = Settings(state_dir=Path(folder), mode=Mode.AUTOPILOT)
        prepare(settings)
        with _source(day, settings) as source:
            return _watched(source, settings, day.ticks(_SEEN_S), to_the_end=to_the_end)


@contextmanager
def _source(day: Day, settings: Settings) -> Iterator[_Source]:
    # A fixed name in place of a drawn one gives the same incident ids each time.
    name = f"simulator:team{day.team_seed}:{day.number}:day{day.number}"
    switches = switchboard_path(name, settings)
    switches.parent.mkdir(parents=True, exist_ok=True)
    with closing(_Source(day, switches, name)) as source:
        yield source


def _watched(source: _Source, settings: Settings, ticks: int, *, to_the_end: bool) -> Outcome:
    judge = Judge(source.truth, source.topology)
    with on_duty(Feed(source, source, source), settings, tell_people=False) as duty:
        for _ in duty.learn_history():
            pass
        before = source.score
        for _ in range(ticks):
            duty.cycle()
        found = duty.services.incidents.list(feed=source.feed, limit=_MANY)
        incidents = sorted(found, key=lambda one: one.opened_at)
        during = source.score - before
        if to_the_end:
            _settle(duty)
        said, right = tuple(_said(duty, incidents, judge)), _first_right_s(duty, incidents, judge)
    with open_memory(settings) as memory:
        kept = {one.id for one in incidents}
        learned = tuple(one for one in memory.lessons.all(limit=_MANY) if one.incident_id in kept)
    return Outcome(during.succeeded, during.struck_succeeded + during.struck_failed, right, said, learned)


def _settle(duty: Duty) -> None:
    for _ in range(round(_SETTLED_S / duty.senses.source.tick_s)):
        if not duty.services.incidents.live(duty.senses.source.feed):
            return
        duty.cycle()


def _said(duty: Duty, incidents: Sequence[Incident], judge: Judge) -> Iterator[Said]:
    named: list[Segment] = []
    for incident in incidents:
        evidence = duty.services.incidents.evidence(incident.id)
        if incident.diagnosis is None or evidence is None:
            continue
        yield judge.said(incident.finding, incident.diagnosis, evidence, named)
        named += culprits_of(incident.diagnosis)


def _first_right_s(duty: Duty, incidents: Sequence[Incident], judge: Judge) -> float | None:
    held = [one for incident in incidents for one in duty.services.incidents.interventions(incident.id)]
    right = [
        judge.since_onset_s(one.started_at) for one in held if judge.is_right(one.action, one.started_at)
    ]
    return min(right, default=None)
