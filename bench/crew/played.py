"""What one policy did in one episode, and what became of the payments: values to be scored and kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from payments.action import ActionKind
from simulator.traffic.score import Score

NOTHING, ORACLE, CLAIRVOYANT = "nothing", "oracle", "clairvoyant"
AUTOPILOT, COPILOT = "crew_autopilot", "crew_copilot"
CREW = (AUTOPILOT, COPILOT)
TOLD_THE_TRUTH = frozenset({ORACLE, CLAIRVOYANT})
BOUNDS = frozenset({NOTHING, *TOLD_THE_TRUTH})
"""The floor and the ceilings."""
MINUTES_BEFORE, MINUTES_AFTER = 5, 63
"""Around the onset, in a course."""


class Task(NamedTuple):
    """One episode to be played under one policy."""

    drawn: str
    """Kind that is drawn."""
    seed: int
    policy: str
    quiet: bool = False
    """Whether it is the quiet twin: the same world and seed without the fault."""


@dataclass(frozen=True)
class Course:
    """Payments decided in each minute around the onset: the first minute is `-MINUTES_BEFORE`."""

    succeeded: tuple[int, ...]
    payments: tuple[int, ...]
    struck_succeeded: tuple[int, ...]
    """Of the payments that the fault strikes."""
    struck_payments: tuple[int, ...]


@dataclass(frozen=True)
class Truth:
    """What of the truth is scored."""

    kind: str
    """What the episode is reported under, which need not be what was drawn: its backup may be broken."""
    right: tuple[ActionKind, ...]
    """The actions that would be right."""
    trap: bool
    """Whether nothing must be done."""
    faults: int
    culprits: tuple[str, ...]
    lasts_s: float
    marks: tuple[str, ...] = ()
    """What is special, such as a second fault or a broken backup."""

    @property
    def has_action(self) -> bool:
        """Whether something that touches traffic would be right."""
        return bool(set(self.right) - {ActionKind.ALERT, ActionKind.NONE})


@dataclass(frozen=True)
class Act:
    """One action on traffic that was carried out."""

    kind: ActionKind
    scope: str
    at_s: float
    """After the onset; negative before it."""
    right: bool
    """Whether the kind is among the right ones and the scope meets a culprit."""
    lost: int | None = None
    """Payments that succeed without this action, less those that did with it; None when only the episode
    as a whole was compared."""


@dataclass(frozen=True)
class Said:
    """One diagnosis."""

    cause: str
    at_s: float
    """After the onset; negative before it."""
    confidence: float
    category_right: bool
    culprit_right: bool
    meets: bool
    """Whether the finding touches payments that the fault strikes, after its onset."""

    @property
    def right(self) -> bool:
        """What the confidence is the probability of."""
        return self.category_right and self.culprit_right


@dataclass(frozen=True)
class Deeds:
    """What a policy saw, said and did."""

    detected_s: float | None = None
    """From the onset to the first word about the fault; None when there was none."""
    acts: tuple[Act, ...] = ()
    said: tuple[Said, ...] = ()
    questions: int = 0
    """Asked of people."""
    moved: bool = False
    """Whether it spreads payments by itself, without actions that could be counted."""


@dataclass(frozen=True)
class Cost:
    """What it took to play the live time, the world included."""

    cpu_s: float
    wall_s: float


@dataclass(frozen=True)
class Played:
    """One episode under one policy."""

    task: Task
    truth: Truth
    whole: Score
    """Of the live time."""
    during: Score
    """From the onset to the end of the fault."""
    course: Course
    deeds: Deeds
    cost: Cost
    hours: float
    """Live time."""

    @property
    def kind(self) -> str:
        """What the episode is reported under."""
        return self.truth.kind


@dataclass(frozen=True)
class Results:
    """All that was played."""

    by_task: Mapping[Task, Played]
    policies: tuple[str, ...]
    """In the order in which they are told."""

    @classmethod
    def gathered(cls, every: Iterable[Played], policies: Sequence[str]) -> Self:
        """Take them in any order."""
        return cls({one.task: one for one in every}, tuple(policies))

    @property
    def episodes(self) -> tuple[tuple[str, int], ...]:
        """What is drawn with which seed, in a fixed order."""
        return tuple(sorted({(task.drawn, task.seed) for task in self.by_task}))

    @property
    def kinds(self) -> tuple[str, ...]:
        """What each episode is reported under."""
        return tuple(one.kind for one in self.of(NOTHING))

    @property
    def with_twins(self) -> frozenset[str]:
        """The policies of which quiet twins were played."""
        return frozenset(task.policy for task in self.by_task if task.quiet)

    def of(self, policy: str, *, quiet: bool = False) -> tuple[Played, ...]:
        """Give what a policy played, in the order of the episodes."""
        return tuple(self.by_task[Task(drawn, seed, policy, quiet)] for drawn, seed in self.episodes)
