"""Sessions over WebSocket: one environment each, side by side on one event loop.

OpenEnv's own `/ws` validates and copies every message several times, in a thread for each session; this one
speaks the same protocol and takes less than half of the time.
"""

import asyncio
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from payments.errors import RefusedError
from simulator.cases.environment import PayOpsEnvironment
from simulator.cases.server.access import view_for
from simulator.cases.server.answers import answer
from simulator.cases.server.settings import ServerSettings
from simulator.cases.server.wire import error_text

_GOING_AWAY, _POLICY, _TRY_LATER = 1001, 1008, 1013


@dataclass(slots=True)
class Activity:
    """When a session was last used, in seconds of the event loop."""

    last_s: float

    def left_s(self, now_s: float, idle_s: float) -> float:
        """Give the time until the session is idle."""
        return self.last_s + idle_s - now_s


class Sessions:
    """The WebSocket sessions of one server, as an ASGI app."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self.active = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection to its end."""
        websocket = WebSocket(scope, receive, send)
        await websocket.accept()
        if self.active >= self._settings.most_sessions:
            await self._turn_away(websocket)
            return
        try:
            view = view_for(websocket.headers, self._settings.trainer_token)
        except RefusedError as error:
            await _close(websocket, error_text("SESSION_ERROR", str(error)), _POLICY)
            return
        self.active += 1
        try:
            await self._talk(websocket, receive, send, PayOpsEnvironment(view, self._settings.rules))
        finally:
            self.active -= 1

    async def _talk(
        self, websocket: WebSocket, receive: Receive, send: Send, environment: PayOpsEnvironment
    ) -> None:
        """Answer until the client goes or is silent for too long; nothing wraps the messages themselves."""
        now = asyncio.get_running_loop().time
        activity = Activity(now())
        watch = asyncio.create_task(_close_when_idle(websocket, activity, self._settings.idle_s))
        try:
            while (message := await receive())["type"] != "websocket.disconnect":
                activity.last_s = now()
                text = message.get("text")
                reply = answer(environment, message["bytes"] if text is None else text)
                if reply is None:
                    await websocket.close()
                    return
                await send({"type": "websocket.send", "text": reply})
        except (OSError, RuntimeError, WebSocketDisconnect):
            return  # the client went meanwhile; uvicorn has a RuntimeError for one that sent no pong
        finally:
            watch.cancel()

    async def _turn_away(self, websocket: WebSocket) -> None:
        """Say that the server is full."""
        most = self._settings.most_sessions
        message = f"All {most} sessions are taken; try again later."
        text = error_text("CAPACITY_REACHED", message, active_sessions=self.active, max_sessions=most)
        await _close(websocket, text, _TRY_LATER)


async def _close_when_idle(websocket: WebSocket, activity: Activity, idle_s: float) -> None:
    """Close a session that nobody uses."""
    now = asyncio.get_running_loop().time
    while (left_s := activity.left_s(now(), idle_s)) > 0:  # noqa: ASYNC110 - not a poll: it sleeps to the end
        await asyncio.sleep(left_s)
    message = f"The session was closed: nothing came for {idle_s:g} seconds."
    await _close(websocket, error_text("SESSION_ERROR", message), _GOING_AWAY)


async def _close(websocket: WebSocket, last_words: str, code: int) -> None:
    """Send last words and close, if the client is still there."""
    try:
        await websocket.send_text(last_words)
        await websocket.close(code)
    except WebSocketDisconnect:
        return
