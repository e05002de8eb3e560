"""The person beside the copilot, who answers each question minutes after it was asked, mostly rightly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from zlib import crc32

import numpy as np

from console.deciding import Answer, take
from console.settings import Settings
from payments.action import Action
from payments.errors import RefusedError
from payments.incident import Incident

ANSWERS_AFTER = timedelta(minutes=3)
RIGHT_SHARE = 0.95


class Question(NamedTuple):
    """One question of one incident."""

    incident_id: str
    number: int


@dataclass
class Person:
    """Decides as people do at the command line: `run.py approve`, `run.py reject`."""

    settings: Settings
    """The crew's."""
    seed: int
    is_right: Callable[[Action, datetime], bool]
    """What somebody who knows the truth would approve."""
    present: bool
    """Else questions are only counted."""
    asked: set[Question] = field(default_factory=set)
    order: list[str] = field(default_factory=list)
    """Incidents that asked, the first one first."""
    _since: dict[str, datetime] = field(default_factory=dict)
    """Incident -> when it began to wait for an answer, however often it changed its question since."""

    def look(self, waiting: Sequence[Incident], now: datetime) -> None:
        """Take note of what is asked, and answer who has waited long enough."""
        self._since = {one.id: self._since.get(one.id, now) for one in waiting}
        for incident in waiting:
            self._note(Question(incident.id, incident.question))
            if self.present and now - self._since[incident.id] >= ANSWERS_AFTER:
                # What is asked next, by the four-eyes rule or after a refusal, has its own three minutes.
                del self._since[incident.id]
                self._answer(incident, now)

    def _note(self, question: Question) -> None:
        self.asked.add(question)
        if question.incident_id not in self.order:
            self.order.append(question.incident_id)

    def _answer(self, waiting: Incident, now: datetime) -> None:
        if waiting.plan is None:
            return
        question = Question(waiting.id, waiting.question)
        would = self.is_right(waiting.plan.action, now)
        approves = would if self.is_careful(question) else not would
        # Where four eyes are asked for, somebody else answers the next question.
        answer = Answer(question.incident_id, f"person {question.number}", "", question.number)
        try:
            take(answer, "approve" if approves else "reject", {}, self.settings)
        except RefusedError:
            return  # a guardrail forbids it, or the fault has just ended: nobody can do more about it

    def is_careful(self, question: Question) -> bool:
        """Draw whether this answer is right; incidents are told apart by their order."""
        place = self.order.index(question.incident_id)
        rng = np.random.default_rng((self.seed, crc32(b"person"), place, question.number))
        return bool(rng.random() < RIGHT_SHARE)
