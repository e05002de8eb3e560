"""What is remembered between runs: incidents in the database, lessons in it and in an index."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from console.settings import CHROMA_TOKEN, Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from memory.incidents import IncidentStore
    from memory.index import Place
    from memory.lessons import Lessons


@dataclass(frozen=True)
class Memory:
    """What is remembered between runs."""

    incidents: "IncidentStore"
    lessons: "Lessons"


def memory_in(engine: "Engine", settings: Settings, stack: ExitStack, new_id: Callable[[], str]) -> Memory:
    """Open the incident store and the lessons until the stack is closed."""
    from memory.incidents import IncidentStore
    from memory.index import ChromaIndex
    from memory.lessons import Lessons

    index = ChromaIndex(_place_of_lessons(settings, engine, new_id))
    stack.callback(index.close)
    lessons = Lessons(engine, index, timedelta(days=settings.lessons_kept_days))
    return Memory(IncidentStore(engine), lessons)


def _place_of_lessons(settings: Settings, engine: "Engine", new_id: Callable[[], str]) -> "Place":
    """Choose where the lessons are indexed: a folder, or a server that other crews may share."""
    from memory.index_places import Embedded, Served
    from memory.lesson_tables import collection_of

    if settings.chroma_url is None:
        return Embedded(settings.state_dir / "lessons")
    token = os.environ.get(CHROMA_TOKEN, "")
    return Served.at(settings.chroma_url, collection_of(engine, new_id), token)
