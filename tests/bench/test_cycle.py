"""`python -m bench cycle` writes what it promises."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

KEYS = {
    "cells",
    "quiet_cycle_ms_p50",
    "quiet_cycle_ms_p95",
    "incident_cycle_ms_p50",
    "checkpoint_bytes_per_incident",
    "seeds",
    "machine",
    "seconds",
    "version",
}


def bench(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.integration
@pytest.mark.slow
def test_the_cycle_measurement_writes_all_keys(tmp_path: Path) -> None:
    file = tmp_path / "cycle.json"
    done = bench("cycle", "--quick", "--seeds", "0", "--json", str(file))
    assert done.returncode == 0, done.stderr
    result = json.loads(file.read_text(encoding="utf-8"))
    assert result.keys() >= KEYS
    assert result["cells"] == 5000
    assert result["seeds"] == [0]
    assert result["machine"].keys() == {"cores", "memory_gb", "python"}
    assert 0 < result["quiet_cycle_ms_p50"] <= result["quiet_cycle_ms_p95"]
    assert result["incident_cycle_ms_p50"] > 0
    assert result["checkpoint_bytes_per_incident"] > 0
    assert "quiet_cycle_ms_p50" in done.stdout
    assert "quiet, seed 0" in done.stderr


@pytest.mark.integration
@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("cicle",), "invalid choice: 'cicle'"), (("cycle", "--seeds", "5-2"), "'5-2' is not A-B")],
)
def test_a_bad_command_line_is_told(arguments: tuple[str, ...], words: str) -> None:
    done = bench(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
