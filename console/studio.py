"""LangGraph Studio's entry: the same crew, with services of this machine bound to its nodes.

Give it `{"scenario": "psp_outage", "seed": 7}` or a pasted window, and walk the run node by node.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from console.compose import studio_services
from graph.crew import CrewGraph, compile_crew
from payments.errors import PayOpsError


@cache
def graph() -> CrewGraph:
    """Compile the crew once per server: LangGraph calls a factory for every run."""
    # The server calls the factory on its event loop, where no file may be touched; nodes run on threads.
    services = cache(studio_services)
    return compile_crew(services_of=lambda _: services(), around=told)


@contextmanager
def told() -> Iterator[None]:
    """Raise our errors as a built-in one: of others the server shows the name and hides the words."""
    try:
        yield
    except PayOpsError as error:
        raise ValueError(str(error)) from error
