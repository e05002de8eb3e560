"""Prometheus Alertmanager itself, and the crew that tells it."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from console.alerting import alerts_to
from console.outside import new_id, now
from console.settings import Settings
from tests.integration.postgres import free_port
from tests.integration.required import missing
from tests.tools.alerts.messages import message
from tools.alerts.alertmanager import Alertmanager
from tools.alerts.bulletin import Bulletin, NotDeliveredError

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("alertmanager")]

CONFIG = "route:\n  receiver: nobody\nreceivers:\n  - name: nobody\n"
PATIENT_S = 60.0


@pytest.fixture(scope="module")
def manager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run it on the loopback address, alone, with its own configuration and data."""
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if program is None:
        missing("Alertmanager is not installed (apt-get install prometheus-alertmanager)")
    folder, port = tmp_path_factory.mktemp("alertmanager"), free_port()
    (folder / "config.yml").write_text(CONFIG, encoding="utf-8")
    words = [
        f"--config.file={folder / 'config.yml'}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with subprocess.Popen(
        [program, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            until(lambda: is_ready(f"http://127.0.0.1:{port}"))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + PATIENT_S
    while not holds():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.1)


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready", trust_env=False).is_success
    except httpx.TransportError:
        return False


def firing(url: str, incident: str) -> dict[str, Any]:
    """Give the alerts of an incident that fire, by severity."""
    found = httpx.get(f"{url}/api/v2/alerts", params={"filter": f'incident="{incident}"'}, trust_env=False)
    return {one["labels"]["severity"]: one for one in found.json()}


def told(incident: str, *severities: Any, is_over: bool = False) -> Bulletin:  # noqa: ANN401 - literals
    *earlier, last = [message(str(number), incident, one) for number, one in enumerate(severities)]
    at = datetime.now(UTC)
    return Bulletin(incident, last, tuple(earlier), at, at, is_over)


def test_an_alert_fires_once_is_raised_and_ends(manager: str) -> None:
    receiver = Alertmanager(httpx.URL(manager), now, console="http://127.0.0.1:8000")
    receiver.deliver(told("raised", "warning"))
    receiver.deliver(told("raised", "warning", "warning"))
    found = firing(manager, "raised")
    assert list(found) == ["warning"]
    assert found["warning"]["annotations"]["summary"] == "alpha fails"
    assert found["warning"]["generatorURL"] == "http://127.0.0.1:8000/incidents/raised"
    receiver.deliver(told("raised", "warning", "critical"))
    assert list(firing(manager, "raised")) == ["critical"]
    receiver.deliver(told("raised", "warning", "critical", "info", is_over=True))
    assert firing(manager, "raised") == {}


def test_hostile_text_is_taken(manager: str) -> None:
    receiver = Alertmanager(httpx.URL(manager), now)
    for number, text in enumerate(("", "\0\x1b[2J", "\ud800", '"}{', "ä" * 9_000)):
        alert = message("ask", f"hostile {number}").model_copy(update={"title": text, "text": text})
        at = datetime.now(UTC)
        receiver.deliver(Bulletin(alert.incident_id, alert, (), at, at))
        assert list(firing(manager, f"hostile {number}")) == ["warning"]


def test_another_server_than_alertmanager_is_told_with_what_to_check(manager: str) -> None:
    with pytest.raises(NotDeliveredError, match="check ALERTMANAGER_URL"):
        Alertmanager(httpx.URL(f"{manager}/elsewhere"), now).deliver(told("nowhere", "warning"))


def test_what_the_crew_tells_people_arrives(manager: str, tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, alertmanager_url=manager)
    with ExitStack() as stack:
        alerts = alerts_to(settings, stack, now, new_id, tell_people=False)
        alerts.send(message("ask", "from-the-crew"))
    assert list(firing(manager, "from-the-crew")) == ["warning"]
    assert "from-the-crew" in (tmp_path / "alerts.jsonl").read_text(encoding="utf-8")
