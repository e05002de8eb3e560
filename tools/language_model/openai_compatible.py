"""A language model behind the API that OpenAI has and others copy, reached through langchain-openai.

The only file that names langchain-openai. It is imported where it is used, for it takes seconds: by `load`
before the first cycle, else within the time of the first question.
"""

import asyncio
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from payments.errors import SettingsError
from tools.language_model.guarded import BadAnswerError, Guarded, Tokens
from tools.ports import Ask, Failure, Reply

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI

RETRIES = 1
"""Times that a server which is busy, failing or out of reach is asked again, within the same time."""

NO_KEY = "none"
"""What is sent where no key is set: local servers want none, and the library wants something."""


@dataclass(frozen=True)
class OpenAICompatible:
    """Implements `LanguageModel`."""

    base_url: str
    name: str
    api_key: str = field(repr=False)
    timeout_s: float
    """For everything together: looking the name up, connecting, asking again, and reading the answer."""
    retries: int = RETRIES

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SettingsError("LLM_BASE_URL is no address such as http://127.0.0.1:8000/v1.")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise SettingsError(
                "LLM_BASE_URL holds more than an address: take user, query and fragment out; "
                "a key belongs in PAYOPS_LLM_API_KEY."
            )
        if not (self.api_key.isascii() and self.api_key.isprintable()):
            raise SettingsError("PAYOPS_LLM_API_KEY holds what no header may carry: copy the key again.")

    def load(self) -> None:
        """Import what asking needs, which takes seconds."""
        import langchain_openai  # noqa: F401 - for the import alone

    def reply(self, ask: Ask) -> Reply:
        """Ask once, in a thread of its own: whatever hangs there, this comes back in time."""
        start, replies = time.monotonic(), list[Reply]()
        thread = threading.Thread(
            target=lambda: replies.append(asyncio.run(self._within(ask))), name="language-model", daemon=True
        )
        thread.start()
        thread.join(self.timeout_s)
        reply = replies[0] if replies else self._late()
        return replace(reply, seconds=time.monotonic() - start)

    def _late(self) -> Reply:
        return Reply(failure="timed_out", because=f"no answer within {self.timeout_s:g} s")

    async def _within(self, ask: Ask) -> Reply:
        try:
            async with asyncio.timeout(self.timeout_s):
                return await self._asked(ask)
        except TimeoutError:
            return self._late()

    async def _asked(self, ask: Ask) -> Reply:
        import openai

        async with httpx.AsyncClient(transport=Guarded(), timeout=self.timeout_s, trust_env=False) as client:
            try:
                return _reply(await self._structured(ask, client))
            except BadAnswerError as error:
                return _no_reply(error.failure, str(error), error.tokens)
            except openai.APIStatusError as error:
                return _no_reply(_of_status(error.status_code), f"the server answers {error.status_code}")
            except openai.APITimeoutError:
                return self._late()
            except openai.OpenAIError as error:
                return _no_reply("unreachable", f"no answer ({type(error).__name__})")

    async def _structured(self, ask: Ask, client: httpx.AsyncClient) -> dict[str, Any]:
        model = self._chat(ask.tokens_out, client).with_structured_output(
            dict(ask.schema), method="json_schema", strict=True, include_raw=True
        )
        given = await model.ainvoke([("system", ask.system), ("human", ask.user)])
        return dict(given)

    def _chat(self, tokens_out: int, client: httpx.AsyncClient) -> "ChatOpenAI":
        from langchain_openai import ChatOpenAI

        return ChatOpenAI(
            model_name=self.name,
            openai_api_base=self.base_url,
            openai_api_key=SecretStr(self.api_key or NO_KEY),
            http_async_client=client,
            request_timeout=self.timeout_s,
            max_retries=self.retries,
            max_tokens=tokens_out,
            temperature=0.0,
            use_responses_api=False,
            openai_proxy="",
        )


def _of_status(status: int) -> Failure:
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return "busy"
    return "failed" if status >= httpx.codes.INTERNAL_SERVER_ERROR else "refused"


def _reply(given: dict[str, Any]) -> Reply:
    """Take the text as it is: its form and what it refers to are checked by who knows what was asked."""
    raw = given["raw"]
    usage = raw.usage_metadata or {}
    return Reply(
        text=str(raw.content),
        tokens_in=usage.get("input_tokens") or None,
        tokens_out=usage.get("output_tokens") or None,
    )


def _no_reply(failure: Failure, because: str, tokens: Tokens | None = None) -> Reply:
    known = tokens or Tokens()
    return Reply(
        failure=failure,
        because=because,
        tokens_in=known.prompt_tokens,
        tokens_out=known.completion_tokens,
    )
