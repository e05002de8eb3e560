"""What the monitor says after one increment, in figures that people read."""

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt

from payments.evidence import Evidence
from payments.finding import Finding
from payments.quantity import Fraction


class Summary(BaseModel):
    """The last 60 s in figures that people read."""

    model_config = ConfigDict(frozen=True)

    start: AwareDatetime
    end: AwareDatetime
    attempts: NonNegativeInt
    successes: NonNegativeInt
    failures: NonNegativeInt
    pending: NonNegativeInt
    success_rate: Fraction | None
    expected_success_rate: Fraction | None
    payments: NonNegativeInt | None = None
    latency_p50_ms: NonNegativeFloat | None = None
    latency_p95_ms: NonNegativeFloat | None = None
    top_codes: tuple[tuple[str, int], ...] = ()


class Observation(BaseModel):
    """What the monitor says after one increment."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    summary: Summary
    finding: Finding | None = None
    evidence: Evidence | None = None
    """Goes with the finding; kept in the incident store, never in a checkpoint."""
    log_evidence: float = 0.0
    """The strongest evidence of any stream, below the threshold on a quiet tick."""
    threshold: float
    ticks_learned: NonNegativeInt
    notes: tuple[str, ...] = ()
    """What was wrong with the input, such as a window that came twice."""
