"""A result file as the report and the table read it: what they need of it, checked."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from bench.crew.played import AUTOPILOT, BOUNDS, CREW
from payments.errors import InputError

Span = tuple[float, float]


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class PolicyFacts(_Fact):
    """One policy over all episodes."""

    name: str
    saved_share: float | None
    saved_share_ci: Span | None
    money_saved_share: float | None
    payments_saved: int
    detection_delay_s_median: float | None
    mitigation_delay_s_median: float | None
    acts: bool
    """Else it decides for each payment, and there are no actions to be counted."""
    actions: int | None
    harmful_actions: int | None
    payments_lost_by_harmful_actions: int | None
    needless_reroutes: int | None
    episodes_with_losses: int
    action_precision: float | None
    false_actions_per_week: float | None
    escalations: int
    category_accuracy: float | None
    culprit_accuracy: float | None
    ece: float | None
    crew_leads_by: float | None = None
    crew_leads_by_ci: Span | None = None

    @property
    def is_rival(self) -> bool:
        """Whether it is a way of working that the crew is compared with."""
        return self.name not in {*BOUNDS, *CREW}


class ShareFacts(_Fact):
    """What a policy saved in one kind."""

    signature: str
    policy: str
    saved_share: float | None
    saved_share_ci: Span | None


class KindFacts(_Fact):
    """What there was to be saved in one kind."""

    signature: str
    episodes: int
    oracle_gain_share: float | None
    counts: bool


class RestraintFacts(_Fact):
    """What was done and lost where little can be mended."""

    episodes: int
    actions: int
    payments_lost: int
    payments_lost_share: float | None
    policy: str = AUTOPILOT


class WinnerFacts(_Fact):
    """A kind in which another policy saved more than the crew."""

    signature: str
    policy: str
    saved_share: float
    crew_saved_share: float
    surely: bool
    why: str


class LeftFacts(_Fact):
    """What the crew left in one kind, by reason."""

    signature: str
    payments_left: int
    by_reason: dict[str, int]


class CourseFacts(_Fact):
    """Success rates minute by minute."""

    signature: str
    policy: str
    from_minute: int
    all: list[float | None]
    struck: list[float | None]


class LargeFacts(_Fact):
    """The large episode."""

    cells: int
    ticks: int
    hours: float
    cpu_s: float
    wall_s: float


class MachineFacts(_Fact):
    """Where it was measured."""

    cores: int | None
    memory_gb: float
    python: str


class Facts(_Fact):
    """A whole result."""

    episodes: int
    policies: tuple[PolicyFacts, ...]
    per_signature: tuple[ShareFacts, ...]
    kinds: tuple[KindFacts, ...]
    traps: RestraintFacts | None
    restraint: tuple[RestraintFacts, ...]
    where_others_win: tuple[WinnerFacts, ...]
    left_by_the_crew: tuple[LeftFacts, ...]
    courses: tuple[CourseFacts, ...]
    marks: dict[str, int]
    large_episode: LargeFacts | None
    resamples: int
    least_gain: float
    seeds: tuple[int, ...]
    machine: MachineFacts
    seconds: float
    version: str

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read a result file.

        Raises:
            InputError: it is none.
        """
        try:
            return cls.model_validate_json(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, ValidationError) as error:
            msg = f"{str(file)!r} is no result of `python -m bench crew`: {_first(error)}"
            raise InputError(msg) from error

    @property
    def crew(self) -> PolicyFacts | None:
        """The crew in autopilot."""
        return self.policy(AUTOPILOT)

    @property
    def counted(self) -> tuple[KindFacts, ...]:
        """The kinds in which there is something to be saved, the most first."""
        return tuple(
            sorted((one for one in self.kinds if one.counts), key=lambda one: -(one.oracle_gain_share or 0.0))
        )

    @property
    def rivals_and_crew(self) -> tuple[PolicyFacts, ...]:
        """All policies but the floor and the ceilings."""
        return tuple(one for one in self.policies if one.name not in BOUNDS)

    def policy(self, name: str) -> PolicyFacts | None:
        """Give a policy by its name; None when it was not played."""
        return next((one for one in self.policies if one.name == name), None)

    def share(self, signature: str, policy: str) -> ShareFacts | None:
        """Give what a policy saved in a kind; None when it was not played."""
        rows = (one for one in self.per_signature if (one.signature, one.policy) == (signature, policy))
        return next(rows, None)

    @property
    def ranked(self) -> tuple[PolicyFacts, ...]:
        """All policies, who saved most first."""
        return tuple(sorted(self.policies, key=lambda one: -(one.saved_share or 0.0)))


def _first(error: OSError | UnicodeDecodeError | ValidationError) -> str:
    """Say what is wrong in one line."""
    if isinstance(error, ValidationError):
        problem = error.errors()[0]
        return f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
    return str(error)
