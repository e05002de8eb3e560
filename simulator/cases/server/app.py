"""The server: `python -m simulator.cases.server.app`, or `uvicorn simulator.cases.server.app:app`."""

import argparse
import gc

import uvicorn
from fastapi import FastAPI

from simulator.cases.server.build import build_app
from simulator.cases.server.settings import settings_from

HOST, PORT = "127.0.0.1", 8000
LONGEST_MESSAGE = 16 * 2**20
"""Bytes; a longer one ends the session, as the WebSocket protocol says (1009)."""
_COLLECT_AFTER = 50_000
"""Objects."""

app: FastAPI = build_app(settings_from())


def serve(host: str = HOST, port: int = PORT) -> None:
    """Serve until interrupted.

    Compressing a kilobyte costs more than sending it, so per-message deflate is off. What was imported never
    becomes garbage, and a message leaves none in cycles, so the collector may come rarely.
    """
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        ws_per_message_deflate=False,
        ws_max_size=LONGEST_MESSAGE,
    )


def main() -> None:
    """Serve as the command line says."""
    parser = argparse.ArgumentParser(description="Serve the case environment to OpenEnv clients.")
    parser.add_argument("--host", default=HOST, help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=PORT)
    given = parser.parse_args()
    serve(given.host, given.port)


if __name__ == "__main__":
    main()
