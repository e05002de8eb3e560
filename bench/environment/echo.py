"""The floor: FastAPI's own WebSocket, `receive_text` and `send_text`, that sends back what it gets.

Uvicorn runs it as it runs our server: its usual loop and protocol, no compression, no log of accesses, the
collector as rare. Nothing here is below FastAPI's API, and nothing is above it.
"""

import argparse
import gc

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/ws")
async def echo(websocket: WebSocket) -> None:
    """Send back every message."""
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        return


def main() -> None:
    """Serve as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    gc.freeze()
    gc.set_threshold(50_000)
    uvicorn.run(app, port=port, log_level="warning", access_log=False, ws_per_message_deflate=False)


if __name__ == "__main__":
    main()
