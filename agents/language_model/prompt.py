"""The prompt: a file with a version, and the brief as data in it."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

from agents.language_model.brief import Brief

VERSION = "opinion-1"
"""Name of the file in prompts/. A changed prompt is a new file: answers are kept by the version."""


class Prompt(NamedTuple):
    """What a model is told, and what it is shown."""

    system: str
    user: str


def prompt_of(brief: Brief) -> Prompt:
    """Make the prompt of a brief."""
    return Prompt(_system(), f"<data>\n{brief.text}\n</data>")


@cache
def _system() -> str:
    name = f"{VERSION}.txt"
    return files("agents.language_model").joinpath("prompts", name).read_text(encoding="utf-8").strip()
