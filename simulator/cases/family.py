"""A family of cases: hidden worlds behind one first screen, and what each question may answer.

A file in `families/` is one family: pure data that ends in `FAMILY = Family(...)`. What must hold is checked
when it is built, and a `SettingsError` names the family and the number that is wrong:

* priors and each question's odds sum to 1 in every world; illicit worlds have a prior of .2 to .65 together;
* the first screen (`Surface`) is one for all worlds, so it says nothing beyond the prior;
* a finding's `odds` are by world name, or by `"illicit"` / `"benign"` for all worlds of that kind;
* a finding's facts open or close decisions (`guardrails`), and its graph is drawn from the finding alone.

Texts are templates over `{sender}`, `{receiver}`, `{amount}`, `{currency}`, `{bank}` and `{city}`; each
finding is one sentence or two, which the draw puts into one of three voices.
"""

import functools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from payments.errors import SettingsError
from simulator.cases.graph_shapes import GraphShape
from simulator.cases.losses import Losses
from simulator.cases.vocabulary import PROBES, Fact, Group, ProbeName, Tier

_LEAST_ILLICIT, _MOST_ILLICIT = 0.2, 0.65
_EXACT: Final = 1e-9

NameKind = Literal["person", "company"]


@dataclass(frozen=True, slots=True)
class World:
    """One hidden truth."""

    name: str
    prior: float
    is_illicit: bool
    losses: Losses

    @property
    def kind(self) -> str:
        """Give the key that stands for all worlds like this one."""
        return "illicit" if self.is_illicit else "benign"


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer to a question; `odds` is P(this answer | world)."""

    text: str
    odds: Mapping[str, float]
    facts: frozenset[Fact] = frozenset()
    graph: GraphShape | None = None

    def chance(self, world: World) -> float:
        """Give P(this answer | world)."""
        return self.odds.get(world.name, self.odds.get(world.kind, 0.0))


@dataclass(frozen=True, slots=True)
class Surface:
    """What the first screen shows, the same for all worlds; amounts and scores are jittered in the draw."""

    amount: float
    risk_score: float
    flags: tuple[str, ...]
    memos: tuple[str, ...]
    """One of them is drawn. It is data that the sender wrote, never an instruction."""
    currency: str = "USD"
    transaction_type: str = "transfer"
    sender: NameKind = "person"
    receiver: NameKind = "company"
    ml_confidence: float = 0.9
    velocity_1h: int | None = 1
    velocity_24h: int | None = 4
    avg_transaction_amount: float | None = None
    account_age_days: int | None = 720
    country_risk: Literal["low", "medium", "high", "sanctioned"] | None = "low"
    kyc_status: Literal["verified", "pending", "failed", "none", "expired"] | None = "verified"
    kyc_expiry_days: int | None = 365
    previous_violations: int | None = 0
    previous_sars: int | None = 0
    counterparty_risk: Literal["clean", "unknown", "watchlist", "blacklist"] | None = "unknown"
    facts: frozenset[Fact] = frozenset()
    amount_jitter: tuple[float, float] = (0.85, 1.20)
    risk_jitter: float = 0.03
    """Standard deviation."""
    velocity_jitter: int = 3

    @property
    def facts_on_file(self) -> frozenset[Fact]:
        """Give the facts that the first screen itself states."""
        has_lapsed = self.kyc_status in {"expired", "failed"} or (self.kyc_expiry_days or 0) < 0
        return self.facts | {"kyc_lapsed"} if has_lapsed else self.facts


@dataclass(frozen=True, eq=False)
class Family:
    """One family of the catalogue."""

    number: str
    """Of the catalogue: 1 to 44, and 42b."""
    name: str
    title: str
    """One line for trainers and reports; agents never see it."""
    group: Group
    tier: Tier
    worlds: tuple[World, ...]
    surface: Surface
    questions: Mapping[ProbeName, tuple[Finding, ...]]
    hints: tuple[ProbeName, ...] = ()
    """The questions that decide; only trainers see them."""
    context: str | None = None
    """What led here, as the chain's context on the screen."""
    exempt_contact: bool = field(default=False)
    """The addressee is a victim or not the subject: contact tips nobody off."""

    def __post_init__(self) -> None:
        _check_worlds(self)
        for probe in PROBES:
            _check_question(self, probe)

    @property
    def illicit_prior(self) -> float:
        """Give P(illicit) before any question."""
        return sum(world.prior for world in self.worlds if world.is_illicit)

    @functools.cached_property
    def worst_usd(self) -> float:
        """Give the most that deciding one case of this family can lose."""
        return max(world.losses.worst() for world in self.worlds)


def tell(
    *,
    bad: str,
    unclear: str,
    good: str,
    hit: float = 0.9,
    alarm: float = 0.08,
    silence: float = 0.12,
    bad_facts: Iterable[Fact] = ("suspicion",),
    good_facts: Iterable[Fact] = (),
) -> tuple[Finding, ...]:
    """Build a question that tells illicit from benign worlds.

    Args:
        bad: Text when it points to the illicit world.
        unclear: Text when it answers nothing.
        good: Text when it points to the benign world.
        hit: P(bad | illicit, answered).
        alarm: P(bad | benign, answered).
        silence: P(unclear) in every world.
        bad_facts: Facts on file after the bad text.
        good_facts: Facts on file after the good text.
    """
    told = 1.0 - silence
    return (
        Finding(bad, {"illicit": told * hit, "benign": told * alarm}, frozenset(bad_facts)),
        Finding(unclear, {"illicit": silence, "benign": silence}),
        Finding(good, {"illicit": told * (1 - hit), "benign": told * (1 - alarm)}, frozenset(good_facts)),
    )


def silent(text: str) -> tuple[Finding, ...]:
    """Build a question that answers the same in every world: asking it is a waste."""
    return (Finding(text, {"illicit": 1.0, "benign": 1.0}),)


def _check_worlds(family: Family) -> None:
    """Refuse worlds that are no distribution, or that leave nothing to find out."""
    names = [world.name for world in family.worlds]
    total = sum(world.prior for world in family.worlds)
    if len(set(names)) != len(names) or not math.isclose(total, 1.0, abs_tol=_EXACT):
        msg = f"family {family.number!r}: worlds {names!r} need distinct names and priors that sum to 1"
        raise SettingsError(f"{msg}, not {total!r}.")
    if family.illicit_prior and not _LEAST_ILLICIT <= family.illicit_prior <= _MOST_ILLICIT:
        msg = f"family {family.number!r}: P(illicit) is {family.illicit_prior!r}"
        raise SettingsError(f"{msg}; it must be 0 or within {_LEAST_ILLICIT} to {_MOST_ILLICIT}.")


def _check_question(family: Family, probe: ProbeName) -> None:
    """Refuse a question whose answers are no distribution in some world, or name an unknown world."""
    findings = family.questions.get(probe, ())
    known = {"illicit", "benign", *(world.name for world in family.worlds)}
    unknown = {key for finding in findings for key in finding.odds} - known
    if unknown:
        raise SettingsError(f"family {family.number!r}: {probe} names unknown worlds {sorted(unknown)!r}.")
    for world in family.worlds:
        total = sum(finding.chance(world) for finding in findings)
        if not math.isclose(total, 1.0, abs_tol=_EXACT):
            msg = f"family {family.number!r}: the odds of {probe} in world {world.name!r} sum to {total!r}"
            raise SettingsError(f"{msg}; make them sum to 1.")
