"""What the crew would say and do about an episode, and whether that is right."""

from dataclasses import asdict, dataclass

from agents.analyst import Analyst
from agents.planner import Planner, Readings, Situation
from bench.diagnosis.episodes import Episode, Found
from bench.diagnosis.judging import Payments, judge
from bench.diagnosis.specimens import analyst_name
from payments.action import ActionKind
from payments.diagnosis import Category, Diagnosis
from payments.plan import Plan

WINDOW_S = 60.0


@dataclass(frozen=True)
class Answer:
    """What was said about a finding."""

    cause: str
    confidence: float
    category_right: bool
    culprit_right: bool
    cause_right: bool
    action: ActionKind
    after_s: float
    """From the onset to the finding."""

    @property
    def right(self) -> bool:
        """What the confidence is the probability of."""
        return self.category_right and self.culprit_right


@dataclass(frozen=True)
class Reading:
    """One episode with its answer; None when there was no finding, and so nothing was said."""

    signature: str
    seed: int
    trap: bool
    nothing_wrong: bool
    answer: Answer | None
    findings_elsewhere: int

    @property
    def missed(self) -> bool:
        """Whether something was wrong and nothing was found."""
        return self.answer is None and not self.nothing_wrong

    @property
    def left_alone(self) -> bool:
        """Whether no traffic was touched and nobody woken."""
        return self.answer is None or self.answer.action is ActionKind.NONE

    @property
    def category_right(self) -> bool:
        """Whether the category is right, silence taken for the answer that nothing is wrong."""
        return self.nothing_wrong if self.answer is None else self.answer.category_right

    @property
    def culprit_right(self) -> bool:
        """Whether the culprit is right, silence taken for the same."""
        return self.nothing_wrong if self.answer is None else self.answer.culprit_right

    def plain(self) -> dict[str, object]:
        """Give it as plain values."""
        return asdict(self)


def read(episode: Episode) -> Reading:
    """Diagnose and plan as the crew does, without lessons of earlier incidents."""
    truth, found = episode.truth, episode.found
    return Reading(
        signature=episode.signature,
        seed=episode.seed,
        trap=truth.trap,
        nothing_wrong=truth.categories == {Category.NO_INCIDENT},
        answer=None if found is None else _answer(episode, found),
        findings_elsewhere=episode.findings_elsewhere,
    )


def _answer(episode: Episode, found: Found) -> Answer:
    truth, at = episode.truth, found.finding.at
    said = Analyst().analyse(found.evidence, (), found.planned, at, WINDOW_S)
    right = judge(said.category, said.culprits, Payments.of(found), truth)
    causes = {analyst_name(part.name) for part in truth.parts or (truth,)}
    return Answer(
        cause=said.cause,
        confidence=said.confidence,
        category_right=right.category,
        culprit_right=right.culprit,
        cause_right=said.cause in causes,
        action=_plan(said, found).action.kind,
        after_s=(at - truth.starts_at).total_seconds(),
    )


def _plan(said: Diagnosis, found: Found) -> Plan:
    evidence = found.evidence
    attempts_per_window = float(evidence.attempts.sum()) * WINDOW_S / evidence.duration_s
    readings = Readings.of(evidence, found.finding, said.culprit)
    return Planner().plan(Situation(said, found.routes, (), WINDOW_S, attempts_per_window, readings))
