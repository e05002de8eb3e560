"""What must hold when the state folder is damaged or half gone."""

from pathlib import Path

import pytest

from console.compose import deciding
from graph.approvals import decide
from graph.checkpoints import open_checkpoints
from payments.errors import RefusedError, StorageError
from tests.graph.made import Left, decision


def test_a_checkpoint_file_that_is_no_database_is_told_in_words(tmp_path: Path) -> None:
    file = tmp_path / "checkpoints.db"
    file.write_bytes(b"no database at all " * 500)
    with pytest.raises(StorageError, match=r"checkpoints\.db.*not a database"), open_checkpoints(file):
        pass


def test_checkpoints_damaged_inside_are_told_in_words(waiting: Left) -> None:
    file = waiting.settings.state_dir / "checkpoints.db"
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    with (
        pytest.raises(StorageError, match=r"checkpoints\.db"),
        deciding(waiting.feed, waiting.settings) as runs,
    ):
        decide(waiting.incident_id, decision("approve"), runs.services, runs)


def test_a_decision_that_no_run_waits_for_is_refused_and_not_kept(waiting: Left) -> None:
    (waiting.settings.state_dir / "checkpoints.db").unlink()
    with deciding(waiting.feed, waiting.settings) as runs:
        with pytest.raises(RefusedError, match="stands at no question"):
            decide(waiting.incident_id, decision("approve"), runs.services, runs)
        assert runs.services.incidents.decision(waiting.incident_id, 1) is None
