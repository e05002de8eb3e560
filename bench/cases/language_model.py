"""A model of any OpenAI-compatible server as a policy: it sees what agents see and answers in JSON."""

import os
from collections.abc import Callable
from typing import cast

from openai import OpenAI, OpenAIError
from openai.types.chat import ChatCompletionMessageParam

from payments.errors import InputError, SettingsError
from simulator.cases.baselines import PolicyOf
from simulator.cases.chat import action_in, conversation
from simulator.cases.engine import Episode
from simulator.cases.moves import Move
from simulator.cases.reading import read_action
from simulator.cases.views import Fields, agent_view

KEY = "PAYOPS_LLM_API_KEY"


def policy_of(model: str, base_url: str | None) -> PolicyOf:
    """Make the policy of a model.

    Raises:
        SettingsError: no server is named.
    """
    if base_url is None:
        raise SettingsError(f"--model {model!r} needs --base-url, such as http://127.0.0.1:8000/v1.")
    client = OpenAI(base_url=base_url, api_key=os.environ.get(KEY, "none"), max_retries=1)

    def ask(screen: Fields) -> str:
        messages = cast("list[ChatCompletionMessageParam]", conversation(screen))
        try:
            answer = client.chat.completions.create(model=model, messages=messages, temperature=0.0)
        except OpenAIError as error:
            raise SettingsError(f"The model server at {base_url!r} failed: {error}") from error
        return answer.choices[0].message.content or ""

    return lambda _: _policy(ask)


def _policy(ask: Callable[[Fields], str]) -> Callable[[Episode], Move]:
    return lambda episode: _read(ask(agent_view(episode)), episode.case.transaction_id)


def _read(answer: str, transaction_id: str) -> Move:
    """Give the move that an answer means; one that means none is malformed, and the engine says so."""
    try:
        action = read_action(action_in(answer, transaction_id), len(answer))
    except InputError:
        return Move("approve", "")  # on no transaction: three in a row and the model has given up
    return Move(
        action.action_type, action.transaction_id, action.reason or "", action.confidence, action.metadata
    )
