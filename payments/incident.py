"""From a signal to a closed incident: the values that the agents hand to each other."""

from enum import StrEnum
from typing import Annotated, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    NonNegativeFloat,
    NonNegativeInt,
    PlainSerializer,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from payments.action import Action, ActionKind, Effect, Fraction, Outcome, Plan, Route, Verdict
from payments.money import Currency
from payments.segment import Segment
from payments.window import Cells, CountColumn

SCHEMA_VERSION = 1
"""Version of the plain JSON that checkpoints and the incident store hold."""

Floats = npt.NDArray[np.float64]
FloatColumn = Annotated[
    Floats, BeforeValidator(lambda v: np.asarray(v, dtype=np.float64)), PlainSerializer(lambda a: a.tolist())
]


class Category(StrEnum):
    """Who or what is at fault."""

    USER = "user"
    ISSUER = "issuer"
    NETWORK_OR_SYSTEM = "network_or_system"
    RETRY_OR_ROUTING = "retry_or_routing"
    NO_INCIDENT = "no_incident"
    OUR_DATA = "our_data"

    @property
    def words(self) -> str:
        """The category as people say it."""
        return _WORDS[self]


_WORDS = {
    Category.USER: "user-related",
    Category.ISSUER: "bank or issuer degradation",
    Category.NETWORK_OR_SYSTEM: "network or system failure",
    Category.RETRY_OR_ROUTING: "retry or routing misconfiguration",
    Category.NO_INCIDENT: "no incident",
    Category.OUR_DATA: "our own data feed",
}

SignalKind = Literal[
    "failures", "technical", "pending", "repeats", "codes", "slow", "volume_up", "volume_down"
]
"""failures, technical failures, attempts without an outcome yet, attempts beyond the first of a payment,
failures with codes of one group, attempts slower than a percentile of the baseline (all as a share of
attempts), and attempts against the forecast."""


class Signal(BaseModel):
    """A change in one segment, with the counts since its onset."""

    model_config = ConfigDict(frozen=True)

    kind: SignalKind
    detail: str = ""
    """The group of `codes`; the percentile of `slow`, such as p90."""
    segment: Segment
    onset: AwareDatetime
    """Start of the first increment that belongs to the change, as estimated by the detector."""
    observed: NonNegativeFloat
    expected: NonNegativeFloat
    attempts: NonNegativeInt
    log_evidence: float
    """Natural logarithm of the evidence against the baseline; alarms when above the threshold."""
    payments_lost: NonNegativeFloat = 0.0
    """Estimated payments beyond expectation that did not go through since the onset."""
    money_lost_minor: NonNegativeFloat | None = None
    """The same in minor units of the feed's currency, at the average amount; None without amounts."""
    average_amount_minor: NonNegativeFloat | None = None
    """Amount of an average attempt in the segment; None without amounts."""
    currency: Currency | None = None
    """Of the amounts; None when the source does not tell."""


class Finding(BaseModel):
    """What the monitor reports when something changed: the strongest signals first, never arrays."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    since: AwareDatetime
    signals: tuple[Signal, ...]
    threshold: float
    ticks_learned: NonNegativeInt


class Evidence(BaseModel):
    """Observed against expected for every cell since the onset; what the analyst reasons on.

    All columns have shape (cells,), those by code (cells, codes). Expectations are fractional counts at the
    learned baseline for the attempts that were really made, so a change of mix alone leaves them equal;
    only `expected_attempts` is a forecast of volume. A column the source cannot fill is None.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    since: AwareDatetime
    until: AwareDatetime
    tick_s: PositiveFloat
    cells: Cells
    attempts: CountColumn
    failures: CountColumn
    pending: CountColumn
    expected_attempts: FloatColumn
    expected_failures: FloatColumn
    expected_pending: FloatColumn
    codes: tuple[str, ...] = ()
    failures_by_code: CountColumn | None = None
    expected_by_code: FloatColumn | None = None
    repeats: CountColumn | None = None
    expected_repeats: FloatColumn | None = None
    slow: CountColumn | None = None
    expected_slow: FloatColumn | None = None
    """Attempts slower than the cell's baseline 90th percentile."""
    fast: CountColumn | None = None
    expected_fast: FloatColumn | None = None
    """Attempts faster than the cell's baseline 10th percentile."""
    dispersion: NonNegativeFloat = 0.0
    """Intra-class correlation rho of failures in a cell and tick: variance is n q (1-q) (1 + (n-1) rho)."""
    onset_sharpness: Fraction | None = None
    """Share of the final excess already there in the first tick after the onset, relative to a steady step;
    near 1 for a step, near 0 for a ramp; None when it cannot be told."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        cells = len(self.cells)
        for name in type(self).model_fields:
            column = getattr(self, name)
            if isinstance(column, np.ndarray) and column.shape[:1] != (cells,):
                msg = f"{name} has shape {column.shape} for {cells} cells"
                raise ValueError(msg)
        return self

    @property
    def duration_s(self) -> float:
        """Length of the stretch of time in seconds."""
        return (self.until - self.since).total_seconds()


class Tally(BaseModel):
    """Counts of one segment over some ticks, with what the baseline expected of the same attempts."""

    model_config = ConfigDict(frozen=True)

    attempts: NonNegativeInt = 0
    failures: NonNegativeInt = 0
    pending: NonNegativeInt = 0
    expected_attempts: NonNegativeFloat = 0.0
    expected_failures: NonNegativeFloat = 0.0
    expected_pending: NonNegativeFloat = 0.0
    payments: NonNegativeInt | None = None
    """Unique payments; None when the source does not tell first attempts from repeats."""
    ticks: NonNegativeInt = 0

    @property
    def success_rate(self) -> float | None:
        """Share of the attempts that are known to have succeeded, or None without attempts."""
        if self.attempts == 0:
            return None
        return max(0, self.attempts - self.failures - self.pending) / self.attempts

    def __add__(self, other: "Tally") -> "Tally":
        payments = None
        if self.payments is not None and other.payments is not None:
            payments = self.payments + other.payments
        if not self.ticks or not other.ticks:  # a tally of no ticks cannot tell whether payments are counted
            payments = other.payments if not self.ticks else self.payments
        return Tally(
            attempts=self.attempts + other.attempts,
            failures=self.failures + other.failures,
            pending=self.pending + other.pending,
            expected_attempts=self.expected_attempts + other.expected_attempts,
            expected_failures=self.expected_failures + other.expected_failures,
            expected_pending=self.expected_pending + other.expected_pending,
            payments=payments,
            ticks=self.ticks + other.ticks,
        )


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


class Maintenance(BaseModel):
    """A planned downtime, known beforehand."""

    model_config = ConfigDict(frozen=True)

    segment: Segment
    start: AwareDatetime
    end: AwareDatetime
    note: str


class EvidenceItem(BaseModel):
    """One number that speaks in a diagnosis, citable by its id."""

    model_config = ConfigDict(frozen=True)

    id: str
    label: str
    observed: float
    expected: float | None = None
    unit: str = "payments"


class Signature(BaseModel):
    """What an incident looks like, before anybody says what it is: the key for similar past incidents."""

    model_config = ConfigDict(frozen=True)

    culprit: Segment
    shape: dict[str, Fraction]
    """Numeric features by name, each 0..1, such as the share of technical codes in the excess."""


class Hypothesis(BaseModel):
    """A possible cause with its probability and what speaks for and against it."""

    model_config = ConfigDict(frozen=True)

    cause: str
    """Name of the signature, such as psp_outage."""
    category: Category
    culprit: Segment
    probability: Fraction
    speaks_for: tuple[str, ...] = ()
    speaks_against: tuple[str, ...] = ()


class Diagnosis(BaseModel):
    """Where, what, why, and how sure."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    since: AwareDatetime
    culprit: Segment
    culprits: tuple[Segment, ...] = ()
    """All segments at fault, the strongest first; `culprit` is the first of them."""
    cause: str
    category: Category
    confidence: Fraction
    """Probability that category and culprit are right."""
    shape: dict[str, Fraction]
    """The signature's features, kept for the lesson."""
    hypotheses: tuple[Hypothesis, ...]
    others: tuple[Hypothesis, ...] = ()
    """Other faults at the same time: the most probable cause of each, with its own culprit."""
    evidence: tuple[EvidenceItem, ...]
    share_explained: Fraction
    """Share of all excess failures (or attempts) that lies in the culprit."""
    complement_normal: bool
    tally: Tally
    """Counts in the culprit since the onset."""
    attempts_per_window: NonNegativeFloat
    """Attempts in the culprit scaled to the aggregation window."""
    sentence: str


class Lesson(BaseModel):
    """A past incident as the memory returns it: what it looked like, what was done, what came of it."""

    model_config = ConfigDict(frozen=True)

    incident_id: str
    at: AwareDatetime
    cause: str
    category: Category
    culprit: Segment
    shape: dict[str, Fraction]
    action: ActionKind
    effect: Effect
    payments_saved: float | None
    decided_by: str
    rejected: bool = False
    """True when a human said no to the action."""
    text: str
    similarity: Fraction | None = None
    """Cosine similarity to what was asked for; None when not the answer to a query."""


DecisionType = Literal["approve", "edit", "reject", "respond", "ignore", "review"]
"""approve: do it. edit: do it with other parameters. reject: no, and learn that. respond: a note to the crew,
which plans again and asks again. ignore: nobody judges, so nothing is done and nothing is learned.
review: the crew's own, never a human's: newer evidence says something else, so it asks something else."""


class Decision(BaseModel):
    """A human's answer to a proposal."""

    model_config = ConfigDict(frozen=True)

    type: DecisionType
    question: PositiveInt = 1
    """Number of the incident's question that is answered."""
    by: str
    at: AwareDatetime
    note: str = ""
    action: Action | None = None
    """The edited action; goes with `edit` only."""

    @model_validator(mode="after")
    def _edit_has_action(self) -> Self:
        if (self.type == "edit") != (self.action is not None):
            msg = "an edit carries an action, and nothing else does"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _response_has_words(self) -> Self:
        if self.type == "respond" and not self.note.strip():
            msg = "a response carries words: say in its note what the crew should know"
            raise ValueError(msg)
        return self

    @property
    def words(self) -> str:
        """Who chose what and when, in one clause."""
        return f"{self.by} chose to {self.type} at {self.at:%Y-%m-%d %H:%M:%S %Z}"


class Status(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    WAITING = "waiting"
    ACTING = "acting"
    WATCHED = "watched"
    CLOSED = "closed"


class Incident(BaseModel):
    """One fault from its finding to its lesson; the incident store holds the truth."""

    model_config = ConfigDict(frozen=True)

    id: str
    feed: str
    status: Status
    opened_at: AwareDatetime
    updated_at: AwareDatetime
    finding: Finding
    diagnosis: Diagnosis | None = None
    plan: Plan | None = None
    verdict: Verdict | None = None
    decision: Decision | None = None
    question: PositiveInt = 1
    """Number of the question that is asked now, or was asked last."""
    approvers: tuple[str, ...] = ()
    """Who approved or edited so far; the four-eyes rule counts different people."""
    seen_at: AwareDatetime | None = None
    """When a watch last saw the fault go on, by the feed's clock."""
    routes_seen: tuple[Route, ...] = ()
    """The routes as that watch saw them, for a decision in a process that sees none."""
    outcome: Outcome | None = None
    executed: bool = False
    """True once the actuator has confirmed the action."""
    closed_because: str | None = None
    recovered: bool = False
    """True when it was closed because the fault was seen to be over."""
    schema_version: int = SCHEMA_VERSION

    @property
    def culprit(self) -> Segment:
        """The diagnosed culprit, or the strongest signal's segment before the diagnosis."""
        return self.diagnosis.culprit if self.diagnosis else self.finding.signals[0].segment


class Stretch(BaseModel):
    """What was seen of an intervention while one action was in force."""

    model_config = ConfigDict(frozen=True)

    source: Tally = Tally()
    """What stayed on the old path."""
    target: Tally = Tally()
    """The same demand on the other routes."""
    moved: NonNegativeFloat = 0.0
    """Payments that the action moved, as estimated from those that stayed and the limits."""
    extent: Fraction = 1.0
    """Share of the goal that was in force."""
    seconds: NonNegativeFloat = 0.0

    def __add__(self, other: "Stretch") -> "Stretch":
        return Stretch(
            source=self.source + other.source,
            target=self.target + other.target,
            moved=self.moved + other.moved,
            extent=self.extent,
            seconds=self.seconds + other.seconds,
        )


class TargetEvidence(BaseModel):
    """What a reroute's target showed of itself, in nats (natural logarithms of likelihood ratios)."""

    model_config = ConfigDict(frozen=True)

    sound: float = 0.0
    """For the usual success rate against a much worse one, since the step; negative speaks for the worse."""
    worse: NonNegativeFloat = 0.0
    """For the worse one, since whenever it speaks most for it (a CUSUM)."""
    overloaded: bool = False
    """In the last increment; such an increment says nothing about the route itself."""


class Intervention(BaseModel):
    """An action in force: what to watch, and when it ends by itself."""

    model_config = ConfigDict(frozen=True)

    key: str
    incident_id: str
    feed: str
    action: Action
    """What is in force now: a step on the way to the goal."""
    goal: Action | None = None
    """What the plan wants in the end; None when it is in force at once."""
    step: PositiveInt = 1
    """Number of the step towards the goal."""
    stepped_at: AwareDatetime | None = None
    """When the step began; None: with the intervention."""
    dropped: tuple[str, ...] = ()
    """Targets that left the set."""
    renewals: NonNegativeInt = 0
    begun_at: AwareDatetime | None = None
    """When the first step took effect; None: with this one."""
    started_at: AwareDatetime
    expires_at: AwareDatetime
    lapses_at: AwareDatetime | None = None
    """By the wall clock: when it is over at the latest, though its feed's clock may stand still."""
    ended_at: AwareDatetime | None = None
    ended_because: str | None = None
    seen: tuple[Stretch, ...] = ()
    """What was seen since the first step, one for each action that was in force."""
    evidence: dict[str, TargetEvidence] = {}
    """By target."""
