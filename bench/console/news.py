"""How soon a page has an incident after the cycle that opened it."""

import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

from bench.console.crew import working
from bench.console.server import Server, serving
from console.settings import Settings
from graph.duty import Duty

CYCLES_AT_MOST = 60
WAIT_AT_MOST_S = 30.0


class Listening(Thread):
    """A page's stream, read until it names an incident."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self._socket = socket.create_connection(("127.0.0.1", server.port))
        self._socket.sendall(b"GET /events?span=short HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        self.incident_id = ""
        self.seen_s = 0.0
        self.seen = Event()
        self.start()

    def run(self) -> None:
        """Read; what came before the incident had a name is searched too."""
        text = b""
        while not self.seen.is_set():
            part = self._socket.recv(1 << 16)
            if not part:
                return
            text = text[-(1 << 18) :] + part
            if self.incident_id and self.incident_id.encode() in text:
                self.seen_s = time.perf_counter()
                self.seen.set()
        self._socket.close()


def seen_after_ms(seeds: Sequence[int]) -> dict[str, object]:
    """Measure it on an outage of each seed."""
    with TemporaryDirectory() as folder:
        settings = Settings(state_dir=Path(folder))
        with serving(settings.state_dir) as server:
            waits = [_one(seed, settings, server) for seed in seeds]
    return {"incident_seen_ms": waits, "incident_seen_ms_max": max(waits)}


def _one(seed: int, settings: Settings, server: Server) -> float:
    listening = Listening(server)
    with working("psp_outage", seed, settings) as duty:
        opened_s = _until_an_incident(duty, listening)
        if not listening.seen.wait(WAIT_AT_MOST_S):
            msg = f"seed {seed}: no incident came to the page, so nothing can be measured"
            raise RuntimeError(msg)
    waited = 1e3 * (listening.seen_s - opened_s)
    sys.stderr.write(f"seed {seed}: the incident is on the page after {waited:.0f} ms\n")
    return max(waited, 0.0)


def _until_an_incident(duty: Duty, listening: Listening) -> float:
    """Give when the cycle ended that opened an incident; the page is told which one to look for."""
    for _ in range(CYCLES_AT_MOST):
        report = duty.cycle()
        opened_s = time.perf_counter()
        if report is not None and report.incident is not None:
            listening.incident_id = report.incident.id
            return opened_s
    msg = f"no incident in {CYCLES_AT_MOST} cycles, so nothing can be measured"
    raise RuntimeError(msg)
