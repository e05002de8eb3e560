"""An incident as a model is shown it: figures and words of our own, each line citable by an id.

No name, no note, no text of a lesson and no sentence that quotes one is in it, so nothing that a stranger
wrote can speak to the model.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Self

from pydantic import BaseModel, ConfigDict

from agents.language_model.naming import Names
from payments.action import Action, Reroute
from payments.diagnosis import Diagnosis, EvidenceItem, Hypothesis
from payments.lesson import Lesson
from payments.plan import Candidate, Interval, Plan
from payments.verdict import Check, Verdict

HYPOTHESES, EVIDENCE, ACTIONS, CHECKS, TARGETS = 5, 14, 3, 6, 3
"""How many of each are shown at most; the schema of the answer knows as many ids."""

LABEL_CHARACTERS = 40
OTHER = "other"
"""What the analyst calls all causes that it does not show."""

_WHOLE_FROM, _WHOLE_BELOW = 100.0, 1e12
_CODE = "excess of code "
_NOT_IN_A_LABEL = re.compile(r"[^A-Za-z0-9 ,.%-]")


class Line(BaseModel):
    """One thing that may be cited."""

    model_config = ConfigDict(frozen=True)

    id: str
    words: str


class Brief(BaseModel):
    """What is shown, and what the ids in it stand for."""

    model_config = ConfigDict(frozen=True)

    culprit: str
    lines: tuple[Line, ...]
    causes: dict[str, str]
    """Id of a hypothesis -> its cause."""
    probabilities: dict[str, float]
    """Id of a hypothesis -> what the engine gives it."""
    names: Names

    @classmethod
    def of(cls, diagnosis: Diagnosis, plan: Plan, verdict: Verdict, lessons: Sequence[Lesson] = ()) -> Self:
        """Put an incident that was ruled on as a brief."""
        names = _names(diagnosis, plan)
        shown = _shown_causes(diagnosis)
        ids = [f"h{number}" for number in range(1, len(shown) + 1)]
        return cls(
            culprit=names.segment(diagnosis.culprit),
            lines=tuple(_lines(diagnosis, plan, verdict, lessons, names)),
            causes={key: one.cause for key, one in zip(ids, shown, strict=True)},
            probabilities={key: one.probability for key, one in zip(ids, shown, strict=True)},
            names=names,
        )

    @property
    def text(self) -> str:
        """The whole of it, the same for the same incident under other names."""
        return "\n".join([f"culprit: {self.culprit}", *(f"{one.id} {one.words}" for one in self.lines)])

    @property
    def ids(self) -> frozenset[str]:
        """Everything that may be cited."""
        return frozenset(one.id for one in self.lines)


def figure(value: float) -> str:
    """Write a number to three digits, or whole where that takes more: what is shown is what may be repeated.

    >>> figure(0.66025), figure(26.0), figure(1234.56)
    ('0.66', '26', '1235')
    """
    return f"{value:.0f}" if _WHOLE_FROM <= abs(value) < _WHOLE_BELOW else f"{value:.3g}"


def _names(diagnosis: Diagnosis, plan: Plan) -> Names:
    segments = [diagnosis.culprit, *diagnosis.culprits, *(one.culprit for one in diagnosis.others)]
    routes = [route for action in _actions(plan) for route in _routes(action)]
    codes = [code for item in diagnosis.evidence if (code := _code(item)) is not None]
    return Names.of(segments, routes, codes)


def _actions(plan: Plan) -> Iterator[Action]:
    yield plan.action
    yield from (other.action for other in plan.alternatives)


def _routes(action: Action) -> tuple[str, ...]:
    return (action.from_route, *action.to) if isinstance(action, Reroute) else ()


def _lines(
    diagnosis: Diagnosis, plan: Plan, verdict: Verdict, lessons: Sequence[Lesson], names: Names
) -> Iterator[Line]:
    yield from _numbered("h", map(_hypothesis, _shown_causes(diagnosis)), HYPOTHESES)
    yield from _numbered("e", (_evidence(item, names) for item in diagnosis.evidence), EVIDENCE)
    yield from _numbered("a", _proposals(plan, names), ACTIONS)
    yield from _numbered("k", map(_check, _shown(verdict.checks)), CHECKS)
    yield Line(id="r1", words=f"ruling: {verdict.ruling.value}, {verdict.risk} risk")
    if others := _others(diagnosis, names):
        yield Line(id="r2", words=others)
    if lessons:
        yield Line(id="r3", words=_lessons(diagnosis, lessons))


def _numbered(letter: str, words: Iterable[str], at_most: int) -> Iterator[Line]:
    for number, one in enumerate(list(words)[:at_most], start=1):
        yield Line(id=f"{letter}{number}", words=one)


def _shown_causes(diagnosis: Diagnosis) -> list[Hypothesis]:
    """Give the likeliest causes by the alphabet: who sees the engine's order repeats it and adds nothing."""
    named = [one for one in diagnosis.hypotheses if one.cause != OTHER]
    likeliest = sorted(named, key=lambda one: -one.probability)[:HYPOTHESES]
    return sorted(likeliest, key=lambda one: one.cause)


def _hypothesis(hypothesis: Hypothesis) -> str:
    return f"{hypothesis.cause} ({hypothesis.category.value})"


def _evidence(item: EvidenceItem, names: Names) -> str:
    expected = "" if item.expected is None else f", expected {figure(item.expected)}"
    return f"{_label(item, names)}: {figure(item.observed)}{expected} ({_plain(item.unit)})"


def _label(item: EvidenceItem, names: Names) -> str:
    code = _code(item)
    return _plain(item.label) if code is None else f"{_CODE}{names.code(code)}"


def _code(item: EvidenceItem) -> str | None:
    return item.label.removeprefix(_CODE) if item.label.startswith(_CODE) else None


def _plain(words: str) -> str:
    """Keep letters, digits and a little punctuation of a label that we wrote, and not much of it."""
    return _NOT_IN_A_LABEL.sub("", words)[:LABEL_CHARACTERS]


def _proposals(plan: Plan, names: Names) -> Iterator[str]:
    yield f"proposed: {_action(plan.action, names)}, saves {_saves(plan.payments_saved)} payments"
    yield from (f"instead: {_alternative(other, names)}" for other in plan.alternatives)


def _alternative(other: Candidate, names: Names) -> str:
    return f"{_action(other.action, names)}, saves {_saves(other.payments_saved)} payments"


def _action(action: Action, names: Names) -> str:
    scope = names.segment(action.scope)
    if not isinstance(action, Reroute):
        return f"{action.kind.value} for {scope}"
    parts = [f"{names.instead_of('route', route)} {figure(part)}" for route, part in action.to.items()]
    to = ", ".join(parts[:TARGETS]) + (" and others" if len(parts) > TARGETS else "")
    start = names.instead_of("route", action.from_route)
    return f"{action.kind.value} of {scope}: share {figure(action.share)} from {start} to {to}"


def _saves(saved: Interval) -> str:
    return f"{figure(saved.mean)} ({figure(saved.low)} to {figure(saved.high)})"


def _shown(checks: Sequence[Check]) -> list[Check]:
    """Put what failed first; of what passed those that compare numbers."""
    failed = [one for one in checks if not one.passed]
    return failed + [one for one in checks if one.passed and one.limit is not None]


def _check(check: Check) -> str:
    result = "passed" if check.passed else f"failed ({check.on_failure})"
    if check.measured is None or check.limit is None:
        return f"check {check.name} {result}"
    return f"check {check.name} {result}: {figure(check.measured)}, limit {figure(check.limit)}"


def _others(diagnosis: Diagnosis, names: Names) -> str:
    told = [f"{one.cause} at {names.segment(one.culprit)}" for one in diagnosis.others]
    return f"at the same time: {'; '.join(told)}" if told else ""


def _lessons(diagnosis: Diagnosis, lessons: Sequence[Lesson]) -> str:
    """Count similar past incidents; what people wrote of them stays where it is."""
    same = [one for one in lessons if one.cause == diagnosis.cause]
    helped = sum(one.effect.value == "helped" for one in same)
    return (
        f"similar past incidents: {len(lessons)}, of the same cause {len(same)}, its action helped {helped}"
    )
