"""The tool adapter is what TRL asks for: made without arguments, texts, one documented method a tool."""

import inspect
from typing import get_args, get_type_hints

import pytest

from payments.errors import RefusedError
from simulator.cases.tools import PayOpsTools
from simulator.cases.vocabulary import ActionType

TOOLS = sorted(
    name for name, _ in inspect.getmembers(PayOpsTools, inspect.isfunction) if not name.startswith("_")
)


def test_the_tools_are_the_ten_actions() -> None:
    assert sorted([*get_args(ActionType), "reset"]) == TOOLS


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_documents_every_argument_and_what_it_returns(name: str) -> None:
    method = getattr(PayOpsTools, name)
    words = inspect.getdoc(method) or ""
    arguments = [argument for argument in inspect.signature(method).parameters if argument != "self"]
    assert get_type_hints(method)["return"] is str
    assert set(get_type_hints(method)) >= set(arguments)
    assert [argument for argument in arguments if f"{argument}:" not in words] == []
    assert name == "reset" or "Returns:" in words


def test_an_episode_is_played_with_tools_alone() -> None:
    tools = PayOpsTools()
    first = tools.reset(prompt="a column of the data set", split="train/easy", index=0, seed=1)
    assert "transaction_id: TX-" in first
    assert "inspection_notes:" in tools.inspect()
    last = ""
    while not tools.done:
        last = tools.escalate(reason="not sure", confidence=0.5)
    assert f"Score: {tools.reward:.3f}" in last
    assert 0.0 < tools.reward <= 1.0


def test_a_reset_may_bring_empty_columns() -> None:
    assert "amount:" in PayOpsTools().reset(split=None, index=None)


def test_a_tool_after_the_end_says_so_and_keeps_the_reward() -> None:
    tools = PayOpsTools()
    tools.reset(split="train/easy", index=0, seed=1)
    while not tools.done:
        tools.hold(reason="", confidence=0.5)
    reward = tools.reward
    assert "The episode is over; reset" in tools.approve(reason="", confidence=0.5)
    assert tools.reward == reward


def test_an_argument_that_fits_no_field_is_told() -> None:
    tools = PayOpsTools()
    tools.reset(split="train/easy", index=0, seed=1)
    assert "Not done: The action cannot be read. confidence" in tools.approve(reason="", confidence=2.0)
    assert "Not done: metadata['report'] is 'all'" in tools.approve(reason="", confidence=0.2, report="all")


def test_a_tool_before_a_reset_is_refused() -> None:
    with pytest.raises(RefusedError, match="call reset first"):
        PayOpsTools().inspect()
