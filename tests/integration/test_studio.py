"""LangGraph Studio's server as `run.py studio` starts it, used as the page of Studio uses it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

import httpx
import pytest
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from payments.diagnosis import Diagnosis

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
START_LIMIT_S = 60.0
POLLS_A_SECOND = 5

State = Mapping[str, Any]


class Studio(NamedTuple):
    """A running server."""

    client: SyncLangGraphClient
    port: int

    def begin(self, given: State) -> tuple[str, State]:
        """Run on a thread of its own until it ends or asks; gives the thread and its state."""
        thread = self.client.threads.create()["thread_id"]
        return thread, self._go(thread, input=dict(given))

    def answer(self, thread: str, answer: State) -> State:
        """Resume with a human's answer."""
        return self._go(thread, command={"resume": dict(answer)})

    def asks(self, thread: str) -> list[State]:
        """Give the cards that wait on a thread."""
        found = self.client.threads.get_state(thread)
        return [cast("State", interrupt["value"]) for interrupt in found["interrupts"]]

    def _go(self, thread: str, **given: Any) -> State:  # noqa: ANN401 - the client's own words
        return cast("State", self.client.runs.wait(thread, "crew", raise_error=False, **given))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(folder: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Start the server in a folder that takes all it writes, and end it with all its children."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PAYOPS_STATE_DIR": str(folder / "state"),
        "PAYOPS_CONFIDENCE_THRESHOLD": "1.0",
    }
    command = [sys.executable, str(ROOT / "run.py"), "studio", "--port", str(port)]
    with (folder / "log").open("wb") as log, subprocess.Popen(
        command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
    ) as server:  # fmt: skip
        try:
            yield server
        finally:
            os.killpg(server.pid, signal.SIGKILL)


def wait_until_ready(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    for _ in range(int(START_LIMIT_S * POLLS_A_SECOND)):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/ok").is_success:
                return
        except httpx.ConnectError:
            pass
        try:
            server.wait(1 / POLLS_A_SECOND)
        except subprocess.TimeoutExpired:
            continue
        break
    pytest.fail(f"the server did not come up:\n{log.read_text(encoding='utf-8', errors='replace')[-4000:]}")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder, port = tmp_path_factory.mktemp("studio"), free_port()
    with serving(folder, port) as server:
        wait_until_ready(server, port, folder / "log")
        with get_sync_client(url=f"http://127.0.0.1:{port}") as client:
            yield Studio(client, port)


def window_of(successes: Mapping[str, int]) -> State:
    rows = [
        {"attributes": {"psp": psp, "issuer": issuer}, "attempts": 200, "successes": count}
        for psp, count in successes.items()
        for issuer in ("north", "south", "west")
    ]
    return {"start": "2026-03-02T09:00:00Z", "duration_s": 60, "rows": rows}


def opaque(value: object, place: str = "") -> Iterator[str]:
    """Name the places of a state that a person could not read: number columns and encoded text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from opaque(inner, f"{place}.{key}")
    elif isinstance(value, list):
        if len(value) > 5 and all(isinstance(inner, int | float) for inner in value):
            yield place
        for number, inner in enumerate(value):
            yield from opaque(inner, f"{place}[{number}]")
    elif isinstance(value, str) and len(value) > 100 and " " not in value:
        yield place


@pytest.mark.xdist_group("studio")
class TestStudio:
    """One server for all, so that it starts once."""

    def test_the_crew_is_listed_with_all_its_nodes(self, studio: Studio) -> None:
        (assistant,) = studio.client.assistants.search()
        assert assistant["graph_id"] == "crew"
        graph = studio.client.assistants.get_graph(assistant["assistant_id"])
        names = {node["id"] for node in graph["nodes"]}
        assert names >= {"monitor", "analyst", "planner", "risk_officer", "human_checkpoint", "act", "learn"}

    def test_the_input_form_names_a_scenario_a_seed_and_a_window(self, studio: Studio) -> None:
        (assistant,) = studio.client.assistants.search()
        schemas = studio.client.assistants.get_schemas(assistant["assistant_id"])
        fields = cast("State", schemas["input_schema"])["properties"]
        assert fields["scenario"]["type"] == "string"
        assert fields["seed"]["type"] == "integer"
        assert fields["window"]["type"] == "object"
        assert cast("State", schemas["state_schema"])["properties"].keys() >= {"diagnosis", "plan", "verdict"}

    def test_a_scenario_runs_to_the_question_and_on_after_the_approval(self, studio: Studio) -> None:
        thread, _ = studio.begin({"scenario": "psp_outage", "seed": 7})
        (card,) = studio.asks(thread)
        (request,), (review,) = card["action_requests"], card["review_configs"]
        assert request["name"] == review["action_name"] == "reroute_traffic"
        assert request["args"]["from_route"] == request["args"]["scope"]["psp"]
        assert request["args"]["from_route"] in request["description"]
        assert review["allowed_decisions"] == ["approve", "edit", "reject", "respond", "ignore"]
        after = studio.answer(thread, {"decisions": [{"type": "approve"}]})
        assert studio.asks(thread) == []
        assert after["decision"]["type"] == "approve"
        assert after["receipt"]["actuator"] == "dry_run"
        agents = [said["agent"] for said in after["path"]]
        assert agents[:4] == ["monitor", "analyst", "planner", "risk_officer"]
        assert agents[-1] == "act"
        assert list(opaque(after)) == []

    def test_a_person_may_edit_and_reject(self, studio: Studio) -> None:
        thread, _ = studio.begin({"scenario": "psp_outage", "seed": 3})
        edited = {"name": "reroute_traffic", "args": {"share": 0.1}}
        after = studio.answer(thread, {"decisions": [{"type": "edit", "edited_action": edited}]})
        assert after["plan"]["action"]["share"] == 0.1
        assert after["receipt"] is not None
        thread, _ = studio.begin({"scenario": "psp_outage", "seed": 4})
        after = studio.answer(thread, {"decisions": [{"type": "reject", "message": "known test"}]})
        assert after.get("receipt") is None
        assert "known test" in after["outcome"]["sentence"]

    def test_a_person_is_asked_again_after_a_note_and_after_an_answer_that_makes_no_sense(
        self, studio: Studio
    ) -> None:
        thread, _ = studio.begin({"scenario": "psp_outage", "seed": 5})
        studio.answer(thread, {"decisions": [{"type": "respond", "message": "unipay is back"}]})
        (card,) = studio.asks(thread)
        assert (card["question"], card["refused"]) == (2, None)
        assert "unipay is back" in card["description"]
        studio.answer(thread, {"type": "edit", "args": {"share": "most"}})
        (card,) = studio.asks(thread)
        assert card["question"] == 2
        assert "got 'most'" in card["refused"]
        after = studio.answer(thread, {"type": "ignore"})
        assert (after.get("receipt"), studio.asks(thread)) == (None, [])

    def test_a_pasted_window_is_diagnosed(self, studio: Studio) -> None:
        _, state = studio.begin({"window": window_of({"alpha": 185, "beta": 20, "gamma": 183})})
        diagnosis = Diagnosis.model_validate(state["diagnosis"])
        assert diagnosis.culprit.root == {"psp": "beta"}
        assert state["finding"]["signals"][0]["observed"] == 540

    def test_a_pasted_window_without_a_fault_ends_at_the_monitor(self, studio: Studio) -> None:
        thread, state = studio.begin({"window": window_of({"alpha": 185, "beta": 184, "gamma": 183})})
        assert state["finding"] is None
        assert "diagnosis" not in state
        assert studio.asks(thread) == []

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"scenario": "psp_outag"}, "psp_outage"),
            ({"scenario": "psp_outage", "seed": "x"}, "seed 'x' is not a whole number"),
            ({}, "give a scenario or a window"),
            ({"window": {"rows": []}}, "start"),
            ({"window": window_of({"alpha": 201})}, "exceed attempts"),
        ],
    )
    def test_wrong_input_is_told_in_words(self, studio: Studio, given: State, words: str) -> None:
        _, state = studio.begin(given)
        assert words in state["__error__"]["message"]

    def test_only_this_machine_is_listened_to(self, studio: Studio) -> None:
        (listening,) = _listening_addresses(studio.port)
        assert listening == "0100007F", "127.0.0.1 as the kernel writes it"


def _listening_addresses(port: int) -> set[str]:
    """Read from the kernel's tables who listens on a port, for both families of addresses."""
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    rows = [
        line.split() for table in tables if table.exists() for line in table.read_text("ascii").splitlines()
    ]
    listening = [row[1] for row in rows if row[3] == "0A"]
    if not rows:
        pytest.skip("this system does not tell who listens")
    return {address for address, _, at in (one.partition(":") for one in listening) if int(at, 16) == port}
