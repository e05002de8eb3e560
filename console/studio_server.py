"""`run.py studio`: LangGraph's development server with the crew in it."""

import os
import sys
from pathlib import Path

from payments.errors import InputError

GRAPHS = Path(__file__).parent.parent / "langgraph.json"
"""What LangGraph's server serves."""


def serve(port: int) -> None:
    """Replace this process by LangGraph's development server, offline and on loopback."""
    environment = {
        **os.environ,
        "LANGGRAPH_NO_VERSION_CHECK": "true",
        "LANGGRAPH_CLI_NO_ANALYTICS": "1",
        "LANGSMITH_TRACING": "false",
    }
    program = Path(sys.executable).with_name("langgraph")
    if not program.exists():
        msg = "LangGraph's server is not installed: run `make venv` first (it is optional for its licence)"
        raise InputError(msg)
    arguments = ["dev", "--config", str(GRAPHS), "--host", "127.0.0.1", "--port", str(port)]
    arguments += ["--no-browser", "--no-reload"]
    os.execve(program, [str(program), *arguments], environment)  # noqa: S606 - our own interpreter's neighbour
