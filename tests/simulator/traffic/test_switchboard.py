"""The switchboard as its port promises it, across processes too."""

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.action import ACTION, Action, AdjustRetryPolicy, Alert, NoAction, Suppress
from payments.errors import ActuatorError
from payments.segment import Segment
from simulator.traffic.switchboard import Switchboard
from tests.simulator.traffic.made import BRIEF, source

SUPPRESS = Suppress(scope=Segment.of(psp="zenpay"))
PATIENCE = AdjustRetryPolicy(scope=Segment({}), max_attempts=1, backoff_s=60.0)


def reroute(**changes: object) -> Action:
    values = {"scope": {}, "from_route": "zenpay", "to": {"unipay": 1.0}, "share": 0.5}
    return ACTION.validate_python({"kind": "reroute_traffic", **values, **changes})


@pytest.fixture
def board(tmp_path: Path) -> Switchboard:
    return source("quiet", tmp_path).actuator


def test_a_receipt_tells_times_by_the_world_s_clock(tmp_path: Path) -> None:
    live = source("quiet", tmp_path)
    live.read()
    receipt = live.actuator.apply(SUPPRESS, "k", expires_after_s=300.0)
    assert receipt.effective_at == BRIEF.start + timedelta(seconds=5) == live.now
    assert receipt.expires_at == live.now + timedelta(seconds=300)
    assert (receipt.key, receipt.actuator, receipt.reverted) == ("k", "simulator", False)


def test_the_same_key_again_returns_the_first_receipt_and_changes_nothing(tmp_path: Path) -> None:
    live = source("quiet", tmp_path)
    first = live.actuator.apply(SUPPRESS, "k", expires_after_s=300.0)
    live.read()
    assert live.actuator.apply(PATIENCE, "k", expires_after_s=900.0) == first
    assert live.actuator.look_up("k") == first
    assert live.read().attempts[live.topology.cells.mask(SUPPRESS.scope)].sum() == 0


def test_what_has_expired_is_replaced_by_nothing(tmp_path: Path) -> None:
    live = source("quiet", tmp_path)
    live.actuator.apply(SUPPRESS, "old", expires_after_s=5.0)
    live.read()
    with pytest.raises(ActuatorError, match="Nothing is in force under the key 'old'"):
        live.actuator.apply(PATIENCE, "new", 300.0, replaces="old")
    assert live.actuator.look_up("new") is None


def test_of_many_that_would_replace_one_action_one_does(board: Switchboard) -> None:
    board.apply(SUPPRESS, "old", 300.0)

    def replaced(number: int) -> bool:
        try:
            board.apply(PATIENCE, f"new {number}", 300.0, replaces="old")
        except ActuatorError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(replaced, range(16))) == 1


def test_many_at_once_under_one_key_throw_one_switch(board: Switchboard) -> None:
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda n: board.apply(SUPPRESS, "k", 100.0 + n), range(16)))
    assert len({receipt.expires_at for receipt in receipts}) == 1


def test_undoing_twice_is_the_same_as_once(board: Switchboard) -> None:
    board.apply(SUPPRESS, "k", 300.0)
    once = board.revert("k")
    assert once.reverted
    assert board.revert("k") == once == board.look_up("k") == board.apply(SUPPRESS, "k", 300.0)


def test_undoing_what_was_never_done_is_refused(board: Switchboard) -> None:
    with pytest.raises(ActuatorError, match="Nothing was applied under the key 'never'"):
        board.revert("never")


def test_a_key_never_used_has_no_receipt(board: Switchboard) -> None:
    assert board.look_up("never") is None


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (Alert(scope=Segment({}), message="look"), "touches no traffic"),
        (NoAction(scope=Segment({}), reason="fine"), "touches no traffic"),
        (reroute(to={"nopay": 1.0}), "There is no route 'nopay'"),
        (reroute(from_route="nopay"), "There is no route 'nopay'"),
        (reroute(to={"unipay": 0.5}), "must sum to 1"),
        (Suppress(scope=Segment.of(psp="nopay")), "There is no route 'nopay'"),
        (Suppress(scope=Segment.of(moon="full")), "have no 'moon'"),
    ],
)
def test_what_the_world_cannot_do_is_refused_and_leaves_no_trace(
    board: Switchboard, action: Action, sentence: str
) -> None:
    with pytest.raises(ActuatorError, match=sentence):
        board.apply(action, "k", 300.0)
    assert board.look_up("k") is None


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("inf"), float("nan")])
def test_an_action_without_an_end_is_refused(board: Switchboard, seconds: float) -> None:
    with pytest.raises(ActuatorError, match="must expire"):
        board.apply(SUPPRESS, "k", seconds)


@pytest.mark.parametrize(
    "use", [lambda b: b.apply(SUPPRESS, "k", 60.0), lambda b: b.revert("k")], ids=["apply", "revert"]
)
def test_without_a_world_nothing_can_be_done(use: Callable[[Switchboard], object], tmp_path: Path) -> None:
    with pytest.raises(ActuatorError):
        use(Switchboard(tmp_path / "none.db"))


def test_a_file_that_is_no_switchboard_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database " * 100, encoding="utf-8")
    with pytest.raises(ActuatorError, match=r"notes\.txt"):
        Switchboard(path).look_up("k")


def test_a_new_world_clears_the_switchboard(tmp_path: Path) -> None:
    from simulator.traffic.source import TrafficSource

    path = tmp_path / "s.db"
    TrafficSource("quiet", 1, path, feed="t", config=BRIEF).actuator.apply(SUPPRESS, "k", 600.0)
    TrafficSource("quiet", 1, path, feed="t", config=BRIEF)
    assert Switchboard(path).look_up("k") is None


@pytest.mark.integration
def test_a_running_world_obeys_a_switch_that_another_process_throws(tmp_path: Path) -> None:
    live = source("quiet", tmp_path)
    live.read()
    script = (
        "import json, sys; from pathlib import Path; from payments.action import ACTION;"
        "from simulator.traffic.switchboard import Switchboard;"
        "path, action = sys.argv[1:];"
        "print(Switchboard(Path(path)).apply(ACTION.validate_json(action), 'k', 600.0).model_dump_json())"
    )
    arguments = [sys.executable, "-c", script, str(live.actuator.path), ACTION.dump_json(SUPPRESS).decode()]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["key"] == "k"
    assert live.read().attempts[live.topology.cells.mask(SUPPRESS.scope)].sum() == 0


texts = st.text(min_size=1, max_size=20)


@given(key=texts, merchant=texts, expires_after_s=st.floats(1e-3, 1e6))
def test_any_key_and_any_name_come_back_as_they_went_in(
    tmp_path_factory: pytest.TempPathFactory, key: str, merchant: str, expires_after_s: float
) -> None:
    live = source("quiet", tmp_path_factory.mktemp("s"))
    action = Suppress(scope=Segment.of(merchant=merchant))
    receipt = live.actuator.apply(action, key, expires_after_s)
    assert live.actuator.look_up(key) == receipt
    assert receipt.key == key
