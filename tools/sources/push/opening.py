"""Opens the door for payments that are sent, and reads what came through it."""

import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Final

import uvicorn

from payments.errors import SettingsError
from tools.sources.address import Address
from tools.sources.mapping import ColumnMap
from tools.sources.push.app import Door, Keys, make_app
from tools.sources.push.lines import PAYMENTS, Lines
from tools.sources.push.signatures import adyen_key
from tools.sources.push.spool import KEPT_US, Spool, SpoolReader
from tools.sources.stream.pace import micros

HOST, PORT = "127.0.0.1", 8940
SECRET_CHARACTERS: Final = 16
_CONNECTIONS = 100
_STOP_S = 5.0


def open_push(
    address: Address,
    mapping: ColumnMap | None,
    state_dir: Path,
    tick_s: float,
    *,
    environment: Mapping[str, str],
    clock: Callable[[], datetime],
) -> SpoolReader:
    """Listen where the address says, on the loopback interface by default.

    Raises:
        SettingsError: the token is missing or short, or the address cannot be listened on.
    """
    keys = _keys(environment)
    listening = _listen(address.host or HOST, address.port if address.port is not None else PORT)
    spool = Spool(state_dir / "received.db")
    found = mapping or PAYMENTS
    lines = Lines(found, tick_s, clock, lambda: spool.oldest_us or micros(clock()) - KEPT_US)
    door = Door(spool, lines, keys, clock)
    server = uvicorn.Server(
        uvicorn.Config(
            make_app(door),
            log_level="warning",
            access_log=False,
            limit_concurrency=_CONNECTIONS,
            lifespan="off",
        )
    )
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, name="push", daemon=True)
    thread.start()

    def close() -> None:
        server.should_exit = True
        thread.join(_STOP_S)
        listening.close()

    host, port = listening.getsockname()[:2]
    return SpoolReader(spool, found.dims, f"push:{host}:{port}", close)


def _keys(environment: Mapping[str, str]) -> Keys:
    token = environment.get("PAYOPS_PUSH_TOKEN", "")
    if len(token) < SECRET_CHARACTERS:
        raise SettingsError(
            f"PAYOPS_PUSH_TOKEN has fewer than {SECRET_CHARACTERS} characters: set a long random one in the "
            "environment, such as that of openssl rand -hex 24."
        )
    keys = Keys(
        token,
        stripe=environment.get("PAYOPS_STRIPE_KEY", "").encode(),
        hyperswitch=environment.get("PAYOPS_HYPERSWITCH_KEY", "").encode(),
    )
    adyen = environment.get("PAYOPS_ADYEN_KEY", "")
    return replace(keys, adyen=adyen_key(adyen)) if adyen else keys


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise SettingsError(
            f"Payments cannot be received at {host}:{port}: {error.strerror}; name another one with "
            "--source push://HOST:PORT."
        ) from error
