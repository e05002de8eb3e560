"""A model's server may be dead, slow or mad: what comes back is a text or a reason, and never late."""

import json
from collections.abc import Callable

import pytest

from agents.language_model.schema import SCHEMA
from bench.llm.hostile import Exchange, Say, hostile
from payments.errors import SettingsError
from tools.language_model.guarded import TEXT_CHARACTERS
from tools.language_model.openai_compatible import OpenAICompatible
from tools.ports import Ask, Failure, Reply

ASK = Ask("You review.", "h1 outage", SCHEMA, 250)
WRITTEN = '{"ranking": ["h1"]}'


def model(base_url: str, timeout_s: float = 20.0, api_key: str = "", retries: int = 0) -> OpenAICompatible:
    return OpenAICompatible(base_url, "hostile", api_key, timeout_s, retries)


def asked(say: Say, timeout_s: float = 20.0, retries: int = 0) -> Reply:
    with hostile(say) as server:
        return model(server.base_url, timeout_s, retries=retries).reply(ASK)


def drip(exchange: Exchange) -> None:
    """Send a byte now and again, each within any time-out of a single read."""
    exchange.send(b"{", claimed=1_000)
    while not exchange.server.owner.gone.wait(0.02):
        exchange.wfile.write(b" ")
        exchange.wfile.flush()


def drip_headers(exchange: Exchange) -> None:
    """Never come to the end of the headers."""
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while not exchange.server.owner.gone.wait(0.02):
        exchange.wfile.write(b"x")
        exchange.wfile.flush()


def speak_ssh(exchange: Exchange) -> None:
    exchange.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")


def large(exchange: Exchange) -> None:
    exchange.write("x" * 10_000_000)


def bare(body: bytes, status: int = 200, **headers: str) -> Say:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda exchange: exchange.send(body, status, named)


def as_json(value: object) -> Say:
    return bare(json.dumps(value).encode())


def choice(**message: object) -> dict[str, object]:
    return {"choices": [{"message": message, "finish_reason": "stop"}]}


MAD: dict[str, tuple[Say, Failure]] = {
    "busy": (bare(b"slow down", 429, Retry_After="3600"), "busy"),
    "server error": (bare(b"Traceback (most recent call last)", 500), "failed"),
    "bad gateway": (bare(b"<html>502</html>", 502), "failed"),
    "wrong key": (bare(b'{"error": {"message": "invalid key"}}', 401), "refused"),
    "no such model": (bare(b"{}", 404), "refused"),
    "elsewhere": (bare(b"", 307, Location="http://127.0.0.1:9/v1"), "refused"),
    "page": (bare(b"<html><body>Welcome to our portal</body></html>"), "malformed"),
    "nothing": (bare(b""), "malformed"),
    "truncated": (lambda exchange: exchange.send(b'{"choices": [', claimed=500), "unreachable"),
    "half a completion": (bare(b'{"choices": [{"message": {"content": "{}'), "malformed"),
    "a list": (as_json([1, 2, 3]), "malformed"),
    "no choices": (as_json({"choices": []}), "malformed"),
    "null choices": (as_json({"choices": None}), "malformed"),
    "choices of text": (as_json({"choices": ["hello"]}), "malformed"),
    "text of a number": (as_json(choice(content=5)), "malformed"),
    "negative tokens": (as_json({**choice(content="{}"), "usage": {"prompt_tokens": -5}}), "malformed"),
    "deep": (bare(b"[" * 60_000), "malformed"),
    "not text": (bare(bytes(range(256))), "malformed"),
    "compressed": (bare(b"\x1f\x8b" + b"x" * 50, Content_Encoding="gzip"), "malformed"),
    "cut off": (lambda exchange: exchange.write('{"ranking": [', finish="length"), "cut_off"),
    "ten megabytes": (large, "too_long"),
    "closed at once": (lambda exchange: exchange.connection.close(), "unreachable"),
    "no HTTP": (speak_ssh, "unreachable"),
}


@pytest.mark.parametrize("name", MAD)
def test_a_mad_server_is_a_reason_and_nothing_of_what_it_says_is_repeated(name: str) -> None:
    say, failure = MAD[name]
    reply = asked(say)
    assert (reply.failure, reply.text) == (failure, "")
    assert reply.because
    assert "Traceback" not in reply.because
    assert "portal" not in reply.because


@pytest.mark.parametrize("say", [Exchange.wait, drip, drip_headers])
def test_a_slow_server_is_left_alone_in_time(say: Callable[[Exchange], None]) -> None:
    model(base_url="http://127.0.0.1:9").load()
    reply = asked(say, timeout_s=0.3)  # the server lets go only after the reply is there
    assert reply.failure == "timed_out"


def test_a_server_that_wants_to_be_asked_again_in_an_hour_is_not_waited_for() -> None:
    reply = asked(bare(b"", 429, Retry_After="3600"), timeout_s=0.3, retries=1)
    assert reply.failure in {"busy", "timed_out"}


def test_nobody_listens() -> None:
    with hostile(Exchange.wait) as server:
        gone = server.base_url
    assert model(gone).reply(ASK).failure == "unreachable"


def test_an_answer_is_passed_on_as_it_was_written_with_what_it_cost() -> None:
    reply = asked(lambda exchange: exchange.write(WRITTEN))
    assert (reply.text, reply.failure, reply.tokens_in, reply.tokens_out) == (WRITTEN, None, 900, 120)


@pytest.mark.parametrize("text", ['{"ranking": ["h99"]}', "{}", '{"action": {"kind": "reroute_traffic"}}'])
def test_what_an_object_holds_is_not_judged_here(text: str) -> None:
    assert asked(lambda exchange: exchange.write(text)).text == text


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("", "malformed"),
        ("Sure, here is my answer: {}", "malformed"),
        ("null", "malformed"),
        ("[" * TEXT_CHARACTERS, "malformed"),
        ("{" * TEXT_CHARACTERS, "malformed"),
        ("x" * (TEXT_CHARACTERS + 1), "too_long"),
    ],
)
def test_what_is_no_small_object_never_reaches_the_library(text: str, failure: Failure) -> None:
    reply = asked(lambda exchange: exchange.write(text))
    assert (reply.failure, reply.tokens_in, reply.tokens_out) == (failure, 900, 120)


def test_a_server_that_counts_nothing_is_no_failure() -> None:
    reply = asked(as_json(choice(content=WRITTEN)))
    assert (reply.text, reply.tokens_in, reply.tokens_out) == (WRITTEN, None, None)


def test_a_server_that_fails_once_is_asked_once_more() -> None:
    def say(exchange: Exchange) -> None:
        if exchange.number == 1:
            exchange.send(b"", 503, {"Retry-After": "0"})
        else:
            exchange.write(WRITTEN)

    assert asked(say, retries=1).text == WRITTEN
    assert asked(say).failure == "failed"


def test_what_is_sent_is_the_question_its_schema_and_its_bound_and_no_tool() -> None:
    with hostile(lambda exchange: exchange.write(WRITTEN)) as server:
        model(server.base_url).reply(ASK)
    (sent,) = server.asked
    assert [one["content"] for one in sent["messages"]] == ["You review.", "h1 outage"]
    form = sent["response_format"]["json_schema"]
    assert (form["strict"], form["schema"]["required"]) == (True, SCHEMA["required"])
    assert (sent["temperature"], sent["model"]) == (0.0, "hostile")
    assert sent.get("max_tokens") == 250 or sent.get("max_completion_tokens") == 250
    assert not {"tools", "functions", "tool_choice"} & sent.keys()


def test_a_key_is_sent_and_never_shown() -> None:
    keys: list[str] = []

    def say(exchange: Exchange) -> None:
        keys.append(str(exchange.headers["Authorization"]))
        exchange.send(b"{}", 500)

    with hostile(say) as server:
        told = model(server.base_url, api_key="sk-secret")
        reply = told.reply(ASK)
    assert keys == ["Bearer sk-secret"]
    assert "sk-secret" not in f"{told!r} {reply!r}"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "localhost:8000",
        "ftp://127.0.0.1/v1",
        "http:///v1",
        "http://u:p@127.0.0.1/v1",
        "http://127.0.0.1/?k=1",
    ],
)
def test_what_is_no_address_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(SettingsError, match="LLM_BASE_URL") as refused:
        model(address)
    assert "u:p" not in str(refused.value)


@pytest.mark.parametrize("key", ["sk-\n1", "sk-\u00e9"])
def test_a_key_that_no_header_may_carry_is_refused_at_the_start(key: str) -> None:
    with pytest.raises(SettingsError, match="PAYOPS_LLM_API_KEY"):
        model("http://127.0.0.1:8000/v1", api_key=key)
