"""OpenEnv's app, with our own way through the routes that play."""

import time
from collections.abc import Mapping
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from openenv.core.env_server.http_server import create_app
from openenv.core.env_server.types import ConcurrencyConfig
from starlette.routing import WebSocketRoute

from payments.errors import InputError, NotFoundError, PayOpsError, RefusedError
from simulator.cases.environment import NAME, PayOpsEnvironment
from simulator.cases.models import PayOpsAction, PayOpsObservation, PayOpsState
from simulator.cases.server.episodes import Episodes
from simulator.cases.server.http import http_routes
from simulator.cases.server.sessions import Sessions
from simulator.cases.server.settings import ServerSettings

_OURS: Final = frozenset({"/reset", "/step", "/state", "/ws"})
_STATUS: Final[Mapping[type[PayOpsError], int]] = {InputError: 422, NotFoundError: 404, RefusedError: 403}


def build_app(settings: ServerSettings) -> FastAPI:
    """Build the app; /schema, /health, /metadata, /mcp and the Task API are OpenEnv's own."""
    app = create_app(
        PayOpsEnvironment,
        PayOpsAction,
        PayOpsObservation,
        env_name=NAME,
        concurrency_config=ConcurrencyConfig(
            max_concurrent_envs=settings.most_sessions, session_timeout=settings.idle_s
        ),
        state_cls=PayOpsState,
        mode="simulation",
    )
    app.router.routes[:] = [route for route in app.router.routes if getattr(route, "path", "") not in _OURS]
    episodes = Episodes(settings.most_episodes, settings.idle_s, time.monotonic)
    app.include_router(http_routes(settings, episodes))
    app.router.routes.append(WebSocketRoute("/ws", Sessions(settings)))
    app.add_exception_handler(PayOpsError, _refused)
    return app


async def _refused(_: Request, error: Exception) -> JSONResponse:
    """Turn our errors into 4xx with the sentence."""
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
    return JSONResponse({"detail": str(error)}, status)
