"""The language model where one is set up, and the record of what it was asked."""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from console.settings import LLM_KEY, Settings
from console.storage import open_engine
from payments.errors import SettingsError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from graph.advising import Adviser
    from graph.services import Senses
    from tools.language_model.kept import KeptCalls

_LOG = logging.getLogger(__name__)


def adviser_of(settings: Settings, engine: "Engine", senses: "Senses | None") -> "Adviser | None":
    """Set up the language model where one is named; nothing of it is imported otherwise.

    Raises:
        SettingsError: of address and model only one is named, or the address is none.
    """
    if not settings.llm_base_url and not settings.llm_model:
        return None
    if not settings.llm_base_url or not settings.llm_model:
        raise SettingsError("A language model takes both LLM_BASE_URL and LLM_MODEL: set the other one too.")
    from graph.advising import Adviser
    from tools.language_model.kept import KeptCalls
    from tools.language_model.openai_compatible import OpenAICompatible

    key = os.environ.get(LLM_KEY, "")
    model = OpenAICompatible(settings.llm_base_url, settings.llm_model, key, settings.llm_timeout_s)
    calls = KeptCalls(engine)
    calls.make_table()
    if senses is not None:
        model.load()
    return Adviser(
        model=model,
        calls=calls,
        weight=settings.llm_weight,
        tokens_per_incident=settings.llm_budget,
        clock=lambda: datetime.now(UTC),
        seconds=time.monotonic,
        tell=senses.monitor.note if senses else _LOG.warning,
    )


@contextmanager
def open_model_calls(settings: Settings) -> Iterator["KeptCalls"]:
    """Open the record of what a language model was asked; empty where none ever was."""
    from tools.language_model.kept import KeptCalls

    with open_engine(settings) as engine:
        calls = KeptCalls(engine)
        calls.make_table()
        yield calls
