"""Episodes over HTTP: /reset, /step and /state, with the `episode_id` beside the action.

OpenEnv's own routes build a fresh environment for each request, so no episode would go further than a reset.
"""

from typing import Final

import orjson
from fastapi import APIRouter, Request, Response
from openenv.core.env_server.types import ResetRequest, ResetResponse, StepRequest, StepResponse

from payments.errors import InputError
from simulator.cases.environment import PayOpsEnvironment
from simulator.cases.models import PayOpsState
from simulator.cases.quoting import quoted
from simulator.cases.reading import read_action
from simulator.cases.server.access import view_for
from simulator.cases.server.episodes import Episodes
from simulator.cases.server.settings import ServerSettings
from simulator.cases.server.wire import Object, envelope, read_object

LONGEST_BODY: Final = 4 * 2**20
"""Bytes."""


def http_routes(settings: ServerSettings, episodes: Episodes) -> APIRouter:
    """Build the routes of a server."""
    routes = APIRouter(tags=["Environment Control"])

    @routes.post("/reset", responses=_gives(ResetResponse), openapi_extra=_takes(ResetRequest))
    async def reset(request: Request) -> Response:
        """Start an episode; its `episode_id` is in the metadata of the answer."""
        view = view_for(request.headers, settings.trainer_token)
        options = read_object(await _body(request) or b"{}")
        environment = PayOpsEnvironment(view, settings.rules)
        seen = environment.begin(options)
        name = episodes.add(view, environment.state.episode_id, environment)
        return _json({**envelope(seen), "metadata": {**seen.metadata, "episode_id": name}})

    @routes.post("/step", responses=_gives(StepResponse), openapi_extra=_takes(StepRequest))
    async def step(request: Request) -> Response:
        """Take an action in the episode named by `episode_id`; what is no action is refused with 422."""
        view = view_for(request.headers, settings.trainer_token)
        raw = await _body(request)
        body = read_object(raw)
        environment = episodes.get(view, _episode_id(body))
        action = read_action(body.get("action"), len(raw))
        return _json(envelope(environment.step(action)))

    @routes.get("/state")
    async def state(request: Request, episode_id: str | None = None) -> PayOpsState:
        """Give the state of an episode; without an id that of a server where nothing was started."""
        view = view_for(request.headers, settings.trainer_token)
        if episode_id is None:
            return PayOpsState()
        return episodes.get(view, episode_id).state.model_copy(update={"episode_id": episode_id})

    return routes


async def _body(request: Request) -> bytes:
    """Read the body.

    Raises:
        InputError: it is too long.
    """
    raw = bytearray()
    async for part in request.stream():
        raw += part
        if len(raw) > LONGEST_BODY:
            raise InputError(f"The body is too long; at most {LONGEST_BODY} bytes are read.")
    return bytes(raw)


def _episode_id(body: Object) -> str:
    """Read the name of the episode."""
    name = body.get("episode_id")
    if not isinstance(name, str):
        msg = f"episode_id is {quoted(name)}; give the one that /reset returned in its metadata"
        raise InputError(f"{msg}, beside the action.")
    return name


def _json(content: object) -> Response:
    """Answer with JSON."""
    return Response(orjson.dumps(content), media_type="application/json")


def _takes(model: type[ResetRequest | StepRequest]) -> dict[str, object]:
    """Describe a body for OpenAPI."""
    return {"requestBody": {"content": {"application/json": {"schema": model.model_json_schema()}}}}


def _gives(model: type[ResetResponse | StepResponse]) -> dict[int | str, dict[str, object]]:
    """Describe an answer for OpenAPI."""
    return {200: {"model": model}}
