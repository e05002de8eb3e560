"""An HTTP transport that trusts no server: only a small completion of the right form passes.

What it passes on is written anew from what was read, so the library behind never meets anything else.
"""

import httpx
from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError
from pydantic_core import from_json

from tools.ports import Failure

ANSWER_BYTES = 65_536
"""Of a completion with whatever else its server says; one of 250 tokens has about 2,000."""
TEXT_CHARACTERS = 8_192
"""Of what the model wrote: the library's reader of broken JSON takes time in the square of it."""

_PASSED_ON = ("Retry-After",)


class BadAnswerError(Exception):
    """Raised for an answer that is not passed on; asking again would bring the same."""

    def __init__(self, failure: Failure, sentence: str, tokens: "Tokens | None" = None) -> None:
        super().__init__(sentence)
        self.failure = failure
        self.tokens = tokens or Tokens()


class Tokens(BaseModel):
    """What a completion cost, as its server counts."""

    model_config = ConfigDict(frozen=True)

    prompt_tokens: NonNegativeInt | None = None
    completion_tokens: NonNegativeInt | None = None


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice]
    usage: Tokens | None = None


class Guarded(httpx.AsyncBaseTransport):
    """Passes requests on, and answers that are completions."""

    def __init__(self) -> None:
        self._inner = httpx.AsyncHTTPTransport(trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on, and of the answer what is meant for us.

        Raises:
            BadAnswerError: the server says that all is well, and its body is no completion.
        """
        request.headers["Accept-Encoding"] = "identity"
        answer = await self._inner.handle_async_request(request)
        try:
            body = await _body(answer) if answer.is_success else b""
        finally:
            await answer.aclose()
        kept = {name: answer.headers[name] for name in _PASSED_ON if name in answer.headers}
        written = _completion(body) if answer.is_success else {}
        return httpx.Response(answer.status_code, headers=kept, json=written)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


async def _body(answer: httpx.Response) -> bytes:
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise BadAnswerError("malformed", "the answer is compressed, which was not asked for")
    taken = b""
    async for part in answer.aiter_raw():
        taken += part
        if len(taken) > ANSWER_BYTES:
            raise BadAnswerError("too_long", f"the answer is longer than {ANSWER_BYTES} bytes")
    return taken


def _completion(body: bytes) -> dict[str, object]:
    try:
        read = _Completion.model_validate_json(body)
    except ValidationError as error:
        kind = error.errors(include_url=False, include_input=False)[0]["type"]
        raise BadAnswerError("malformed", f"the answer is no completion ({kind})") from error
    tokens = read.usage or Tokens()
    if not read.choices:
        raise BadAnswerError("malformed", "the completion is empty", tokens)
    if read.choices[0].finish_reason == "length":
        raise BadAnswerError("cut_off", "the model did not come to an end within its tokens", tokens)
    text = read.choices[0].message.content or ""
    if len(text) > TEXT_CHARACTERS:
        raise BadAnswerError("too_long", f"the model wrote more than {TEXT_CHARACTERS} characters", tokens)
    if not _is_object(text):
        raise BadAnswerError("malformed", "the model wrote no JSON object", tokens)
    return _written(text, tokens)


def _is_object(text: str) -> bool:
    try:
        return isinstance(from_json(text), dict)
    except ValueError:
        return False


def _written(text: str, tokens: Tokens) -> dict[str, object]:
    spent_in, spent_out = tokens.prompt_tokens or 0, tokens.completion_tokens or 0
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    return {
        "id": "completion",
        "object": "chat.completion",
        "created": 0,
        "model": "model",
        "choices": [choice],
        "usage": {
            "prompt_tokens": spent_in,
            "completion_tokens": spent_out,
            "total_tokens": spent_in + spent_out,
        },
    }
