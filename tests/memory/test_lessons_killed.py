"""What was learned before a process was killed is there after it, once, and is found."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from memory.index import ChromaIndex
from payments.diagnosis import Signature
from tests.memory.stock import database, indexed, lesson

LEARNING = """
import sys
from itertools import count
from pathlib import Path
from tests.memory.stock import database, indexed, lesson
folder = Path(sys.argv[1])
with database(folder / "payops.db") as engine, indexed(engine, folder) as lessons:
    for number in count():
        lessons.remember(lesson(f"{number % 50}", text=f"{number}"))
        print(number, flush=True)
"""


def learn_until_killed(folder: Path, after: int) -> int:
    """Give the last lesson that the process said it had learned."""
    command = [sys.executable, "-c", LEARNING, str(folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2], env=dict(os.environ)
    ) as learning:
        assert learning.stdout is not None
        last = -1
        for line in learning.stdout:
            last = int(line)
            if last == after:
                learning.send_signal(signal.SIGKILL)
    return last


def test_a_killed_process_loses_and_doubles_nothing(tmp_path: Path) -> None:
    last = 0
    for after in (7, 70):
        last = learn_until_killed(tmp_path, after)
    with database(tmp_path / "payops.db") as engine, indexed(engine, tmp_path) as lessons:
        kept = {one.incident_id: int(one.text) for one in lessons.every()}
        asked = Signature(culprit=lesson().culprit, shape=lesson().shape)
        found = {one.incident_id: int(one.text) for one in lessons.recall(asked, 5)}
    index = ChromaIndex(tmp_path / "lessons")
    indexed_now = set(index.fingerprints())
    index.close()
    assert len(kept) == 50
    assert max(kept.values()) >= last
    assert indexed_now == set(kept)
    assert len(found) == 5
    assert found.items() <= kept.items()
