"""What the guardrails compare, gathered from the state and the services."""

from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt

from graph.services import Services
from graph.state import CrewState, diagnosis_in, plan_in
from guardrails.checks import Facts
from payments.action import Route
from payments.incident import Evidence, Finding
from payments.segment import Segment


class Traffic(BaseModel):
    """The traffic as it was when the incident was diagnosed; kept with the run for a decision days later."""

    model_config = ConfigDict(frozen=True)

    attempts_per_window: NonNegativeFloat
    ticks_learned: NonNegativeInt
    data_until: AwareDatetime
    routes: tuple[Route, ...] = ()

    @classmethod
    def of(cls, evidence: Evidence, finding: Finding, services: Services) -> Self:
        """Scale the attempts of the evidence to one aggregation window."""
        total = float(evidence.attempts.sum())
        return cls(
            attempts_per_window=total * services.window_s / evidence.duration_s,
            ticks_learned=finding.ticks_learned,
            data_until=evidence.until,
        )
