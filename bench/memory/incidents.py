"""Simulated incidents of every cause as the analyst sees them at the first finding, and lessons of them."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import exp

import numpy as np

from agents.analyst import Analyst
from agents.monitor import Monitor, MonitorSettings
from bench.crew.play.judging import Judge
from bench.diagnosis.specimens import analyst_name
from payments.action import ActionKind
from payments.diagnosis import Category, Signature
from payments.lesson import Lesson
from payments.outcome import Effect
from payments.segment import Segment
from simulator.traffic.drawn import draw_fault, signatures
from simulator.traffic.drawn_world import draw_world
from simulator.traffic.families import FAMILIES
from simulator.traffic.faults import scenario
from simulator.traffic.scenario import Scenario
from simulator.traffic.stage import Stage

_NOT_ONE = frozenset({"quiet", "two_at_once"})
_HISTORY_TICKS, _TICKS_AT_MOST = 90, 60
_ONSET_S, _WINDOW_S = 15.0, 60.0
_JITTER = 0.15
"""Standard deviation of the logarithm of an amount in a look, between lessons made of one incident."""
_NAMES = 25
"""Namesakes that each issuer, route and merchant has among the lessons."""
_SPREAD_DAYS = 365.0
_FIXED = ("lead_", "scope_")


@dataclass(frozen=True)
class Seen:
    """An incident at its first finding."""

    cause: str
    """The true one, by the analyst's name."""
    category: Category
    signature: Signature
    at: datetime
    sentence: str
    """What is seen, in words that name no cause."""

    def lesson(self, number: int, rng: np.random.Generator) -> Lesson:
        """Make a lesson of another incident that looks much the same, elsewhere and at another time."""
        culprit = self.signature.culprit.root
        names = {name: f"{value}_{rng.integers(_NAMES)}" for name, value in culprit.items()}
        words = self.sentence
        for name, value in culprit.items():
            words = words.replace(value, names[name])
        return Lesson(
            incident_id=f"past-{number}",
            at=self.at - timedelta(days=float(rng.uniform(0.0, _SPREAD_DAYS))),
            cause=self.cause,
            category=self.category,
            culprit=Segment(names),
            shape=jittered(self.signature.shape, rng),
            action=ActionKind.ALERT,
            effect=Effect.NOT_MEASURED,
            payments_saved=None,
            decided_by="crew",
            text=words,
        )


def jittered(shape: dict[str, float], rng: np.random.Generator) -> dict[str, float]:
    """Vary the amounts of a look; what is either so or not stays, and what targets showed."""

    def varied(name: str, value: float) -> float:
        fixed = ":" in name or name.startswith(_FIXED)
        return value if fixed else min(1.0, value * exp(rng.normal(0.0, _JITTER)))

    return {name: varied(name, value) for name, value in shape.items()}


def lessons(incidents: Sequence[Seen], count: int, seed: int) -> Iterator[Lesson]:
    """Make lessons, of every cause about as many."""
    rng = np.random.default_rng((seed, count))
    by_cause = {cause: [one for one in incidents if one.cause == cause] for cause in causes_of(incidents)}
    causes = list(by_cause)
    for number in range(count):
        alike = by_cause[causes[number % len(causes)]]
        yield alike[int(rng.integers(len(alike)))].lesson(number, rng)


def causes_of(incidents: Sequence[Seen]) -> list[str]:
    """Name the causes that there are, sorted."""
    return sorted({one.cause for one in incidents})


def play(seed: int) -> list[Seen]:
    """Play one incident of each cause in one drawn world; what is not found within minutes is left out."""
    rng = np.random.default_rng((seed, 221))
    world = replace(draw_world(rng), history_ticks=_HISTORY_TICKS)
    monitor = Monitor(MonitorSettings())
    for window in Stage(replace(scenario("quiet"), world=world), seed).history():
        monitor.learn(window)
    drawn = (
        replace(draw_fault(scenario(name), FAMILIES[name], rng, _ONSET_S), world=world)
        for name in signatures()
        if name not in _NOT_ONE
    )
    found = (_first_seen(one, seed, deepcopy(monitor)) for one in drawn)
    return [seen for seen in found if seen is not None]


def _first_seen(drawn: Scenario, seed: int, monitor: Monitor) -> Seen | None:
    stage = Stage(drawn, seed)
    judge, truth = Judge(stage.truth, stage.topology), stage.truth
    for _ in range(_TICKS_AT_MOST):
        observation = monitor.observe(stage.step())
        finding, evidence = observation.finding, observation.evidence
        if finding is not None and evidence is not None and judge.meets(finding):
            analyst = Analyst()
            said = analyst.analyse(evidence, (), stage.planned(finding.at), finding.at, _WINDOW_S)
            signature = analyst.describe(evidence)
            words = f"{said.sentence}; {in_words(signature)}"
            return Seen(analyst_name(truth.name), truth.category, signature, finding.at, words)
    return None


def in_words(signature: Signature) -> str:
    """Say a look in words, for an embedding of sentences."""
    told = sorted(signature.shape.items(), key=lambda item: -item[1])
    return ", ".join(f"{name.replace('_', ' ')} {value:.0%}" for name, value in told if value >= 0.01)  # noqa: PLR2004
