"""A second opinion of a language model: asked for what was ruled on, within a budget, and never relied on."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from agents.language_model import prompt, schema
from agents.language_model.breaker import Breaker
from agents.language_model.brief import Brief
from agents.language_model.checking import Refused, read_answer
from agents.language_model.opinion import Fallback, Opinion, Usage, opinion_of, without
from agents.language_model.prompt import prompt_of
from agents.language_model.schema import SCHEMA
from payments.diagnosis import Diagnosis
from payments.errors import StorageError
from payments.lesson import Lesson
from payments.plan import Plan
from payments.verdict import Verdict
from tools.ports import Ask, LanguageModel, ModelCall, ModelCalls, Reply

TOKENS_IN, TOKENS_OUT = 1_500, 250
"""What a call is reckoned at until its server says what it was: a brief holds less."""

TOKENS_A_CALL = TOKENS_IN + TOKENS_OUT


_QUIET = frozenset({None, Fallback.BUDGET_SPENT})
"""What is no failure, and shown with the incident all the same."""


class _Case(NamedTuple):
    """What is asked, and what the answer is checked against."""

    incident_id: str
    brief: Brief
    ask: Ask
    empty: Opinion


@dataclass
class Adviser:
    """Asks for an opinion where it is affordable; whatever the model does, it comes back in time."""

    model: LanguageModel
    calls: ModelCalls
    weight: float
    tokens_per_incident: int
    clock: Callable[[], datetime]
    seconds: Callable[[], float]
    """A clock that never jumps."""
    tell: Callable[[str], None]
    """Tells people that there is no opinion, and why."""
    breaker: Breaker = field(default_factory=Breaker)

    def advise(
        self, incident_id: str, diagnosis: Diagnosis, plan: Plan, verdict: Verdict, lessons: Sequence[Lesson]
    ) -> Opinion:
        """Give the opinion on an incident, or the reason why there is none."""
        brief = Brief.of(diagnosis, plan, verdict, lessons)
        question = prompt_of(brief)
        ask = Ask(question.system, question.user, SCHEMA, TOKENS_OUT)
        empty = Opinion(about=digest(ask, self.model.name), model=self.model.name, prompt=prompt.VERSION)
        case = _Case(incident_id, brief, ask, empty)
        try:
            opinion = self._known(case) or self._new(case)
        except StorageError as error:
            opinion = without(empty, Fallback.NOT_KEPT, str(error))
        if opinion.fallback not in _QUIET:
            self.tell(f"no opinion of the language model on incident {incident_id[:8]}: {opinion.because}")
        return opinion

    def _known(self, case: _Case) -> Opinion | None:
        """Give what was answered to the very same question before, checked again, at no cost."""
        text = self.calls.answer(case.empty.about)
        if text is None:
            return None
        opinion = self._checked(text, case, case.empty.model_copy(update={"cached": True}))
        if opinion.fallback is not None:
            return None
        before = self.calls.of(case.incident_id)
        if not any(call.about == opinion.about and call.answer for call in before):
            self.calls.keep(self._call(case, len(before) + 1, opinion, text))
        return opinion

    def _new(self, case: _Case) -> Opinion:
        before = self.calls.of(case.incident_id)
        number = len(before) + 1
        because = self._forbidden(sum(call.tokens for call in before))
        if because is not None:
            opinion = without(case.empty, because)
            if not any((call.about, call.fallback) == (opinion.about, because) for call in before):
                self.calls.keep(self._call(case, number, opinion))
            return opinion
        # On record before it is made: who dies meanwhile, again and again, does not pay again and again.
        reckoned = Usage(calls=1, tokens_in=TOKENS_IN, tokens_out=TOKENS_OUT)
        unfinished = without(case.empty, Fallback.UNFINISHED).model_copy(update={"usage": reckoned})
        self.calls.keep(self._call(case, number, unfinished))
        reply = self.model.reply(case.ask)
        opinion = self._said(reply, case)
        self.breaker = self.breaker.after(self.seconds(), failed=opinion.fallback is not None)
        self.calls.keep(self._call(case, number, opinion, "" if opinion.fallback else reply.text))
        return opinion

    def _forbidden(self, spent: int) -> Fallback | None:
        if spent + TOKENS_A_CALL > self.tokens_per_incident:
            return Fallback.BUDGET_SPENT
        return Fallback.BREAKER_OPEN if self.breaker.is_open(self.seconds()) else None

    def _said(self, reply: Reply, case: _Case) -> Opinion:
        """Turn a reply into an opinion; what a server does not count is taken for what it was reckoned at."""
        usage = Usage(
            calls=1,
            tokens_in=TOKENS_IN if reply.tokens_in is None else reply.tokens_in,
            tokens_out=TOKENS_OUT if reply.tokens_out is None else reply.tokens_out,
            seconds=round(reply.seconds, 3),
        )
        given = case.empty.model_copy(update={"usage": usage})
        if reply.failure is not None:
            return without(given, Fallback(reply.failure), reply.because)
        return self._checked(reply.text, case, given)

    def _checked(self, text: str, case: _Case, given: Opinion) -> Opinion:
        answer = read_answer(text, case.brief)
        if isinstance(answer, Refused):
            return without(given, Fallback(answer.problem.value), answer.where)
        return opinion_of(answer, case.brief, self.weight, given)

    def _call(self, case: _Case, number: int, opinion: Opinion, answer: str = "") -> ModelCall:
        usage = opinion.usage
        return ModelCall(
            incident_id=case.incident_id,
            number=number,
            about=opinion.about,
            at=self.clock(),
            fallback=opinion.fallback or "",
            calls=usage.calls,
            tokens_in=usage.tokens_in,
            tokens_out=usage.tokens_out,
            seconds=usage.seconds,
            answer=answer,
        )


def digest(ask: Ask, model: str) -> str:
    """Give what tells one question from another: the evidence, the prompt, the schema and the model."""
    sent = [prompt.VERSION, schema.VERSION, model, ask.system, ask.user, ask.schema, ask.tokens_out]
    return sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()[:32]
