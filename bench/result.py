"""What every measurement says besides its own numbers."""

import os
import platform
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent


def stamped(measure: Callable[[], dict[str, object]], seeds: Sequence[int]) -> dict[str, object]:
    """Run a measurement and add the seeds, the machine, the seconds and the version."""
    start = time.perf_counter()
    numbers = measure()
    return {
        **numbers,
        "seeds": list(seeds),
        "machine": machine(),
        "seconds": round(time.perf_counter() - start, 2),
        "version": version(),
    }


def machine() -> dict[str, object]:
    """Give the size of this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 2**30, 1),
        "python": platform.python_version(),
    }


def version() -> str:
    """Give the git commit, with a plus when the tree differs from it; `unknown` outside a checkout."""
    commit = _git("rev-parse", "--short", "HEAD")
    return (commit + ("+" if _git("status", "--porcelain") else "")) if commit else "unknown"


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            ["git", *arguments],  # noqa: S607 - whichever git is there
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def table(result: Mapping[str, object]) -> str:
    """Lay the numbers out for a person, one a line."""
    width = max(map(len, result))
    return "".join(f"{name:<{width}}  {_words(value)}\n" for name, value in result.items())


def _words(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
