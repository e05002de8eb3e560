"""Where the fault lies, what it is, and how sure that is."""

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeFloat

from payments.quantity import Fraction
from payments.segment import Segment
from payments.tally import Tally


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
