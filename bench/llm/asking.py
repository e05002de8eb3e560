"""Simulated incidents as the crew rules on them, and what a model says of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.analyst import Analyst
from agents.language_model.brief import OTHER
from agents.language_model.opinion import Opinion
from agents.planner import Planner, Readings, Situation
from agents.risk_officer import RiskOfficer
from bench.diagnosis.episodes import Episode, Found
from bench.diagnosis.judging import Payments, judge
from bench.diagnosis.reading import WINDOW_S
from bench.diagnosis.specimens import analyst_name
from graph.advising import Adviser
from guardrails.facts import Facts
from guardrails.policy import Policy
from payments.diagnosis import Diagnosis
from payments.plan import Plan
from payments.verdict import Verdict


@dataclass(frozen=True)
class Ruled:
    """An incident with the crew's ruling, and the truth."""

    signature: str
    seed: int
    diagnosis: Diagnosis
    plan: Plan
    verdict: Verdict
    true_causes: frozenset[str]
    """By the analyst's names."""
    right: bool
    """Whether category and culprit are, which the confidence is the probability of."""

    @property
    def name(self) -> str:
        """What it is called in records."""
        return f"{self.signature}-{self.seed}"

    @property
    def engine(self) -> dict[str, float]:
        """What the engine gives each cause that it shows."""
        return {one.cause: one.probability for one in self.diagnosis.hypotheses if one.cause != OTHER}


def ruled(episode: Episode) -> Ruled | None:
    """Diagnose, plan and rule as the crew does; None where nothing was found."""
    found = episode.found
    if found is None:
        return None
    at, truth = found.finding.at, episode.truth
    said = Analyst().analyse(found.evidence, (), found.planned, at, WINDOW_S)
    plan, attempts = _planned(said, found)
    facts = Facts(
        diagnosis=said,
        plan=plan,
        routes=found.routes,
        window_s=WINDOW_S,
        total_attempts_per_window=attempts,
        data_age_s=0.0,
        ticks_learned=found.finding.ticks_learned,
        changes_traffic=True,
    )
    return Ruled(
        signature=episode.signature,
        seed=episode.seed,
        diagnosis=said,
        plan=plan,
        verdict=RiskOfficer(Policy()).review(facts),
        true_causes=frozenset(analyst_name(part.name) for part in truth.parts or (truth,)),
        right=judge(said.category, said.culprits, Payments.of(found), truth).both,
    )


def _planned(said: Diagnosis, found: Found) -> tuple[Plan, float]:
    evidence = found.evidence
    attempts = float(evidence.attempts.sum()) * WINDOW_S / evidence.duration_s
    readings = Readings.of(evidence, found.finding, said.culprit)
    return Planner().plan(Situation(said, found.routes, (), WINDOW_S, attempts, readings)), attempts


def opinions(incidents: Sequence[Ruled], adviser: Adviser) -> Iterator[Opinion]:
    """Ask about each incident, in the crew's own way."""
    for one in incidents:
        yield adviser.advise(one.name, one.diagnosis, one.plan, one.verdict, ())
