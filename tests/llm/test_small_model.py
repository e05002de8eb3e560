"""A real model on the crew's own path. What it says is its own affair: it is far too small to be right."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from agents.language_model.opinion import Opinion
from agents.language_model.schema import SCHEMA
from bench.llm.small_model import NAME
from console.looking import look_up
from console.settings import Settings
from graph.advising import TOKENS_A_CALL, TOKENS_IN, TOKENS_OUT, Adviser
from graph.approvals import decide
from graph.duty import Duty
from payments.incident import Status
from tests.graph.made import crew, decision, has_incident, only_incident, until, with_services, world
from tools.database import open_database
from tools.language_model.kept import KeptCalls
from tools.language_model.openai_compatible import OpenAICompatible
from tools.ports import Ask

pytestmark = [pytest.mark.llm, pytest.mark.integration, pytest.mark.slow]

ANY_TIME_S = 300.0
"""On a busy machine a reply takes a minute; the settings allow 20 s, which a watch can wait."""


def model(base_url: str, timeout_s: float = ANY_TIME_S) -> OpenAICompatible:
    return OpenAICompatible(base_url, NAME, "", timeout_s)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path / "state", confidence_threshold=1.0)


@pytest.fixture
def advised(base_url: str, settings: Settings) -> Iterator[Duty]:
    """Put a crew on duty that asks the model, and asks a human before each action."""
    clock = count()
    with crew(world("psp_outage", settings), settings) as duty:
        engine = open_database(settings.state_dir / "payops.db")
        calls = KeptCalls(engine)
        calls.make_table()
        adviser = Adviser(
            model=model(base_url),
            calls=calls,
            weight=0.0,
            tokens_per_incident=TOKENS_A_CALL,
            clock=lambda: datetime.now(UTC),
            seconds=lambda: float(next(clock)),
            tell=duty.senses.monitor.note,
        )
        yield with_services(duty, adviser=adviser)
        engine.dispose()


def test_an_answer_in_the_form_of_the_schema_comes_back_with_its_tokens(base_url: str) -> None:
    ask = Ask("Answer in JSON.", "h1 outage, e1 failures 26, a1 reroute_traffic", SCHEMA, TOKENS_OUT)
    reply = model(base_url).reply(ask)
    assert reply.failure in {None, "cut_off"}
    assert reply.tokens_in is not None
    assert reply.tokens_out is not None
    assert 0 < reply.tokens_out <= TOKENS_OUT


def test_the_whole_graph_asks_it_waits_for_a_human_and_goes_on(advised: Duty, settings: Settings) -> None:
    until(advised, has_incident)
    incident = only_incident(advised)
    assert incident.status is Status.WAITING
    opinion = Opinion.model_validate(advised.runs.state(incident.id)["opinion"])
    assert opinion.usage.calls == 1
    assert 0 < opinion.usage.tokens_in < TOKENS_IN  # as the server counts; what is reckoned is exactly that
    assert 0 < opinion.usage.tokens_out <= TOKENS_OUT
    assert (opinion.fallback is None) == bool(opinion.summary)
    yes = decision("approve").model_copy(update={"at": advised.services.clock()})
    decide(incident.id, yes, advised.services, advised.runs)
    assert only_incident(advised).status is Status.ACTING
    _, history = look_up(incident.id, settings)
    assert history.opinion == opinion.model_dump(mode="json")


def test_a_real_server_that_is_too_slow_is_left_alone(base_url: str) -> None:
    hurried = replace(model(base_url), timeout_s=0.5)
    hurried.load()
    reply = hurried.reply(Ask("Tell a long story.", "Once upon a time", SCHEMA, TOKENS_OUT))
    assert reply.failure == "timed_out"


def test_a_model_that_its_server_does_not_have_is_a_reason(base_url: str) -> None:
    reply = replace(model(f"{base_url}/nowhere")).reply(Ask("a", "b", SCHEMA, TOKENS_OUT))
    assert reply.failure == "refused"
