"""Messages that no client should send, and a session that has to live through them."""

import json
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from typing import Final

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

from bench.environment.line import Line
from bench.environment.process import Server
from payments.errors import InputError

CASE: Final = "TX-UNDER-ATTACK"
"""Stands in a message for the case on the screen."""
_RESET: Final = b'{"type":"reset","data":{}}'
_WORDS: Final = (
    "approve", "reject", "flag", "escalate", "inspect", "hold", "request_docs", "verify_kyc",
    "contact_sender", "file_sar",
)  # fmt: skip
_FIELDS: Final = ("action_type", "transaction_id", "reason", "confidence", "metadata")
_MEGABYTE: Final = 2**20
_MOST_WORDS: Final = 1_000
_PROGRESS: Final = 10_000


def messages() -> st.SearchStrategy[str]:
    """Give messages of every hostile kind, with whole and well-formed ones among them."""
    return st.one_of(_steps(), _steps(), _resets(), _envelopes(), _broken())


def _values() -> st.SearchStrategy[object]:
    """Give values that fit no field, or just fit."""
    plain = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([10**400, -(2**63), 2**53, 0, -1]),
        st.floats(),
        st.text(st.characters(codec="utf-8"), max_size=20),
        st.sampled_from(["\x00", "a\x00b", "\u202eabc", "Ⓐ", "sar", "ofac", "none", CASE, *_WORDS]),
    )
    return st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | _objects(inner), max_leaves=6)


def _objects(values: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """Give objects with known and unknown keys."""
    keys = st.sampled_from(["report", "message", "approved_by", "due_in_days", "keep_years", "self", "seed"])
    return st.dictionaries(keys | st.text(st.characters(codec="utf-8"), max_size=8), values, max_size=3)


@st.composite
def _steps(draw: st.DrawFn) -> str:
    """Give an action in which up to two fields were changed, dropped, blown up or added."""
    action: dict[str, object] = {"action_type": draw(st.sampled_from(_WORDS)), "transaction_id": CASE}
    for _ in range(draw(st.integers(0, 2))):
        name = draw(st.sampled_from([*_FIELDS, "extra", "\x00"]))
        if draw(st.integers(0, 199)) == 0:
            action[name] = draw(st.sampled_from(["x", "\x00", "é", '"'])) * _MEGABYTE
        elif draw(st.booleans()):
            action[name] = draw(_values())
        else:
            action.pop(name, None)
    return json.dumps({"type": "step", "data": action}, ensure_ascii=draw(st.booleans()))


def _resets() -> st.SearchStrategy[str]:
    """Give resets with options of every kind."""
    names = st.sampled_from(["seed", "episode_id", "split", "index", "task_id", "view", "self", "token"])
    options = st.dictionaries(names, _values() | st.integers(0, 40) | st.just("eval/hard"), max_size=3)
    return options.map(lambda chosen: json.dumps({"type": "reset", "data": chosen}))


def _envelopes() -> st.SearchStrategy[str]:
    """Give messages of unknown types and forms; `close` would end the session, as it should."""
    kinds = st.sampled_from(["step", "reset", "state", "mcp", "stop", "", "__class__"]) | _values()
    wrapped = st.fixed_dictionaries({"type": kinds}, optional={"data": _values(), "extra": _values()})
    return (wrapped | _values()).map(json.dumps)


def _broken() -> st.SearchStrategy[str]:
    """Give texts that are no JSON, or hardly."""
    cut = st.tuples(_steps(), st.integers(0, 60)).map(lambda pair: pair[0][: -1 - pair[1]])
    nested = st.sampled_from(["[" * 100_000, '{"type":' * 5_000, "[" * 150 + "]" * 150])
    words = st.sampled_from(
        ["", " ", "NaN", "-", "nul", "\x00", '{"type":"\\ud800"}', '{"type":"step","data":1e999}']
    )
    return cut | nested | words | st.text(st.characters(codec="utf-8"), max_size=40)


class Ward:
    """A session under attack; `exchange` sends one message and gives the reply."""

    def __init__(self, exchange: Callable[[bytes], bytes]) -> None:
        self._exchange = exchange
        self.counts: Counter[str] = Counter()
        self._screen: dict[str, object] = {}
        self._observe(_RESET)

    def attack(self, message: str) -> None:
        """Send a message and check what comes back.

        Raises:
            InputError: the answer is unclear, or something was charged for what was not done.
        """
        before = self._screen
        sent = message.replace(CASE, str(before["transaction_id"])).encode()
        kind = self._observe(sent)
        self.counts[kind] += 1
        if kind == "not done" and self._screen["budget_remaining"] != before["budget_remaining"]:
            raise InputError(f"{message[:500]!r} was not done and took budget.")
        if self._screen["done"]:
            self._observe(_RESET)

    def _observe(self, sent: bytes) -> str:
        """Send and name the kind of answer."""
        reply = json.loads(self._exchange(sent))
        data = reply["data"]
        if reply["type"] == "error":
            _check_sentence(data["message"])
            return str(data["code"])
        if reply["type"] != "observation":
            return str(reply["type"])
        self._screen = {**data["observation"], "done": data["done"]}
        error = data["observation"]["info"].get("error")
        if error is None:
            return "done"
        _check_sentence(error)
        return "not done"


def fuzz(server: Server, count: int, first_seed: int) -> dict[str, object]:
    """Send so many hostile messages over one WebSocket."""
    with closing(Line(server.port)) as line:

        def exchange(sent: bytes) -> bytes:
            line.send(sent)
            return line.receive()

        ward = Ward(exchange)

        @seed(first_seed)
        @settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        )
        @given(message=messages())
        def send(message: str) -> None:
            ward.attack(message)
            if ward.counts.total() % _PROGRESS == 0:
                sys.stderr.write(f"{ward.counts.total()} messages\n")

        send()
        return {"fuzzed": ward.counts.total(), **dict(sorted(ward.counts.items()))}


def _check_sentence(message: object) -> None:
    """Refuse an error that says nothing, or far too much.

    Raises:
        InputError: it does.
    """
    if not isinstance(message, str) or not message.endswith(".") or len(message) > _MOST_WORDS:
        raise InputError(f"This is no clear error: {str(message)[:500]!r}.")
