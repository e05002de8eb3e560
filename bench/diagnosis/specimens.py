"""An episode reduced to what fitting needs: small, so that thousands fit into memory."""

from dataclasses import dataclass

from agents.analyst import AnalystSettings
from agents.analyst.assessment import Assessment
from agents.analyst.view import View, look
from bench.diagnosis.episodes import Episode
from bench.diagnosis.judging import Payments, Right, judge
from simulator.traffic.scenario import Fault

_SAME_CAUSE = {"low_volume_noise": "noise"}
"""What the analyst calls by another name."""


@dataclass(frozen=True)
class Specimen:
    """What the analyst saw, and the truth."""

    seed: int
    truth: Fault
    view: View
    payments: Payments

    @property
    def cause(self) -> str | None:
        """The true cause by the analyst's name; None for two at once."""
        return None if self.truth.parts else analyst_name(self.truth.name)

    def judge(self, assessment: Assessment) -> Right:
        """Say what of an assessment is right."""
        return judge(assessment.category, assessment.culprits, self.payments, self.truth)


def specimen(episode: Episode) -> Specimen | None:
    """Let the analyst look at an episode; None without a finding."""
    found = episode.found
    if found is None:
        return None
    view = look(found.evidence, found.planned, found.finding.at, AnalystSettings())
    return Specimen(episode.seed, episode.truth, view, Payments.of(found))


def analyst_name(cause: str) -> str:
    """Give the analyst's name of a simulated cause."""
    return _SAME_CAUSE.get(cause, cause)
