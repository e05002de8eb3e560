"""Which modules a fresh process has imported after it did something."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TIME_LIMIT_S = 120.0


def imported_by(script: str, *arguments: str, among: tuple[str, ...]) -> list[str]:
    """Run Python statements in a process of their own and name the modules that begin so."""
    told = f"import sys\nprint(sorted(name for name in sys.modules if name.startswith({among!r})))"
    done = subprocess.run(
        [sys.executable, "-c", f"{script}\n{told}", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=TIME_LIMIT_S,
    )
    found = ast.literal_eval(done.stdout.splitlines()[-1])
    assert isinstance(found, list)
    return found
