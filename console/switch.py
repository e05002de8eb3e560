"""`run.py switch`: the switches of the simulated world over HTTP, as an actuator of one's own would be."""

import os
from pathlib import Path

from console.settings import ACTUATOR_SECRET, load_settings
from console.worlds import switch_file
from payments.errors import SettingsError


def switch(port: int, config: Path | None) -> None:
    """Serve until interrupted.

    Raises:
        SettingsError: there is no secret that requests are signed with.
    """
    from simulator.traffic.switch_server import serve

    settings, secret = load_settings(config), os.environ.get(ACTUATOR_SECRET, "")
    if not secret:
        msg = f"{ACTUATOR_SECRET} is not set: give the switch and the watch the same secret"
        raise SettingsError(msg)
    serve(switch_file(settings), port, secret.encode("utf-8", "surrogateescape"))
