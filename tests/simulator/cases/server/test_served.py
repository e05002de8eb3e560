"""The server as a process of its own: stock clients, validation, and a model that plays."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from openenv.cli.__main__ import app as openenv
from openenv.core.generic_client import GenericEnvClient
from typer.testing import CliRunner

from bench.environment.line import Line
from bench.environment.process import Server, serving
from simulator.cases.client import PayOpsClient
from simulator.cases.inference import main as infer_here
from simulator.cases.models import PayOpsAction

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[4]
LINES = (
    r"\[START\] task=\S+ env=payops model=\S+",
    r"\[STEP\] step=\d+ action=\S+ reward=-?\d+\.\d\d done=(true|false) error=.+",
    r"\[END\] success=(true|false) steps=\d+ score=\d\.\d\d rewards=(-?\d+\.\d\d(,-?\d+\.\d\d)*)?",
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving("simulator.cases.server.app") as running:
        yield running


class Model(BaseHTTPRequestHandler):
    """A small OpenAI-compatible server: asks once, then holds."""

    status = 200

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        screen = json.loads(asked["messages"][1]["content"])
        verb = "hold" if "inspection_notes" in screen else "inspect"
        text = f'I would say: {{"action_type": "{verb}", "confidence": 0.4, "reason": "test"}}'
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        body = {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""


class BrokenModel(Model):
    """Refuses every question."""

    status = 400


@contextmanager
def answering(handler: type[Model]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as model:
        thread = threading.Thread(target=model.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{model.server_port}/v1"
        model.shutdown()
        thread.join()


def infer(model_url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "API_BASE_URL": model_url, "MODEL_NAME": "small one"}
    return subprocess.run(
        [sys.executable, "-m", "simulator.cases.inference", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_stock_client_plays_a_whole_episode(server: Server) -> None:
    with GenericEnvClient(base_url=f"http://127.0.0.1:{server.port}").sync() as client:
        told = client.reset(split="train/hard", index=2, seed=5)
        while not told.done:
            action = {"action_type": "escalate", "transaction_id": told.observation["transaction_id"]}
            told = client.step(action)
        assert 0.0 < (told.reward or 0.0) <= 1.0
        assert client.state()["done"] is True


def test_the_typed_client_plays_a_whole_episode(server: Server) -> None:
    with PayOpsClient(base_url=f"http://127.0.0.1:{server.port}").sync() as client:
        told = client.reset(split="train/easy", index=0, seed=5)
        while not told.done:
            case = told.observation.transaction_id
            told = client.step(PayOpsAction(action_type="hold", transaction_id=case))
        assert client.state().cumulative_reward == told.reward


def test_a_session_lives_through_a_message_that_breaks_json(server: Server) -> None:
    with closing(Line(server.port)) as line:
        line.send(b"{")
        assert json.loads(line.receive())["data"]["code"] == "INVALID_JSON"
        line.send(b'{"type":"state"}')
        assert json.loads(line.receive())["type"] == "state"


def test_openenv_validates_the_package() -> None:
    done = CliRunner().invoke(openenv, ["validate", str(ROOT / "simulator/cases"), "--level", "static"])
    assert done.exit_code == 0, done.output
    assert "Verdict: PASS" in done.output


def test_openenv_validates_the_running_server(server: Server) -> None:
    done = CliRunner().invoke(openenv, ["validate", "--url", f"http://127.0.0.1:{server.port}"])
    assert done.exit_code == 0, done.output
    assert "Verdict: PASS" in done.output


def test_inference_prints_exactly_the_lines_of_an_episode(server: Server) -> None:
    with answering(Model) as url:
        done = infer(url, "--url", f"http://127.0.0.1:{server.port}")
    assert done.returncode == 0, done
    lines = done.stdout.splitlines()
    assert [line for line in lines if not any(re.fullmatch(form, line) for form in LINES)] == []
    assert [line.split()[0] for line in lines].count("[END]") == 4
    assert lines[-1].startswith("[END] success=true")


def test_inference_ends_an_episode_when_the_model_breaks(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with answering(BrokenModel) as url:
        monkeypatch.setenv("API_BASE_URL", url)
        monkeypatch.setenv("MODEL_NAME", "small one")
        assert infer_here([]) == 1
    told = capfd.readouterr()
    assert [line.split()[0] for line in told.out.splitlines()] == ["[START]", "[END]"]
    assert "[END] success=false steps=0 score=0.00 rewards=" in told.out
    assert "Traceback" not in told.err
