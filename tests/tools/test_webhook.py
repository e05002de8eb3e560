"""The webhook actuator against a real switch, over a line that fails."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from payments.errors import ActuatorError, OutcomeUnknownError, SettingsError
from tests.simulator.traffic.served import NOW, SECRET, Served, new_nonce, serving, webhook
from tests.tools.actuator_contract import CONTRACT, REROUTE, Make
from tests.tools.unreliable import Line, line_to
from tools.actuators.webhook import WebhookActuator
from tools.calling import ANSWER_BYTES

SOON_S = 0.2
"""How long these tests wait for an answer that never comes."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path / "switch.db") as one:
        yield one


@pytest.fixture
def line(served: Served) -> Iterator[Line]:
    with line_to(served.url) as one:
        yield one


@pytest.mark.parametrize("clause", CONTRACT)
def test_it_keeps_the_contract_of_actuators(clause: Callable[[Make], None], tmp_path: Path) -> None:
    number = count()
    with ExitStack() as stack:
        clause(lambda: webhook(stack.enter_context(serving(tmp_path / f"{next(number)}.db")).url))


def test_a_key_with_any_characters_is_one_key(served: Served) -> None:
    for key in ("a:1", "a/1", "a%2F1", "a 1?b#c", "ä", "../1"):
        assert webhook(served.url).apply(REROUTE, key, 600.0).key == key
    assert len({key for _, key in served.events}) == 6


def test_a_switch_that_is_not_there_has_changed_nothing(served: Served) -> None:
    with line_to(served.url) as closed:
        url = closed.url
    with pytest.raises(ActuatorError, match="nothing was changed") as applying:
        webhook(url).apply(REROUTE, "k", 600.0)
    with pytest.raises(ActuatorError, match="nothing was changed") as undoing:
        webhook(url).revert("k")
    assert not isinstance(applying.value, OutcomeUnknownError)
    assert not isinstance(undoing.value, OutcomeUnknownError)
    with pytest.raises(ActuatorError, match="cannot be reached"):
        webhook(url).look_up("k")


@pytest.mark.parametrize(
    ("trouble", "is_done"),
    [("silent", False), ("lost", True), ("slow", True), ("failed", False), ("failed_late", True)],
)
def test_whoever_gets_no_answer_does_not_know_and_can_look_it_up(
    served: Served, line: Line, trouble: str, is_done: bool
) -> None:
    actuator = webhook(line.url, SOON_S)
    line.troubles = [trouble]
    with pytest.raises(OutcomeUnknownError, match="look the key up"):
        actuator.apply(REROUTE, "k", 600.0)
    held = actuator.look_up("k")
    assert (held is not None) == is_done
    assert actuator.apply(REROUTE, "k", 600.0) == actuator.look_up("k")
    assert served.events == [("began", "k")]


@pytest.mark.parametrize("trouble", ["silent", "lost", "failed", "failed_late"])
def test_a_look_up_without_an_answer_says_nothing_about_the_key(line: Line, trouble: str) -> None:
    actuator = webhook(line.url, SOON_S)
    line.troubles = [trouble]
    with pytest.raises(ActuatorError):
        actuator.look_up("k")


def test_a_request_that_the_network_repeats_is_carried_out_once(served: Served, line: Line) -> None:
    line.troubles = ["twice"]
    with pytest.raises(OutcomeUnknownError, match="received before"):
        webhook(line.url).apply(REROUTE, "k", 600.0)
    assert line.passed_on == 2
    assert served.events == [("began", "k")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>ok</html>",
        b"[]",
        b"{",
        b"[" * 10_000,
        b"\xff",
        json.dumps({"key": "k"}).encode(),
        json.dumps({"key": "other", "effective_at": NOW.isoformat(), "expires_at": NOW.isoformat()}).encode(),
        json.dumps({"key": "k", "effective_at": "2026-01-01T00:00", "expires_at": NOW.isoformat()}).encode(),
        b" " * (ANSWER_BYTES + 1),
    ],
)
def test_an_answer_that_is_no_receipt_leaves_the_outcome_open(
    served: Served, line: Line, body: bytes
) -> None:
    line.troubles = [body]
    with pytest.raises(OutcomeUnknownError):
        webhook(line.url).apply(REROUTE, "k", 600.0)
    assert served.events == [("began", "k")]


def test_a_page_that_is_not_found_is_no_word_on_a_key(served: Served) -> None:
    with pytest.raises(ActuatorError, match="404"):
        webhook(f"{served.url}/elsewhere").look_up("k")
    line_says = webhook(served.url).look_up("k")
    assert line_says is None


def test_what_the_switch_refuses_is_told_in_its_words(served: Served) -> None:
    nowhere = REROUTE.model_copy(update={"to": {"nowhere": 1.0}})
    with pytest.raises(ActuatorError, match="no route 'nowhere'") as caught:
        webhook(served.url).apply(nowhere, "k", 600.0)
    assert not isinstance(caught.value, OutcomeUnknownError)


def test_another_secret_is_refused_and_never_shown(served: Served) -> None:
    actuator = WebhookActuator(served.url, b"hush hush", lambda: NOW, new_nonce)
    with pytest.raises(ActuatorError, match="check the secret") as caught:
        actuator.apply(REROUTE, "k", 600.0)
    assert "hush" not in f"{caught.value!r} {actuator!r}"
    assert served.events == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "no address"),
        ("switch.example", "no address"),
        ("ftp://switch.example", "no address"),
        ("http://", "no address"),
        ("https://user:pass@switch.example", "more than an address"),
        ("https://switch.example/?token=1", "more than an address"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused_at_the_start(url: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        WebhookActuator(url, SECRET, lambda: NOW, new_nonce)


def test_without_a_secret_nothing_is_sent() -> None:
    with pytest.raises(SettingsError, match="PAYOPS_ACTUATOR_SECRET"):
        WebhookActuator("https://switch.example", b"", lambda: NOW, new_nonce)
