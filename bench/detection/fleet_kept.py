"""Weeks that were watched already, kept beside the result: a run that is stopped goes on from them."""

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bench.detection.fleet_run import Plan, Run
from payments.errors import InputError

MEASURED = ("agents.monitor", "bench.detection.fleet")
RUN = TypeAdapter(Run)


def fingerprint() -> str:
    """Give a digest of the code that a run depends on, which a commit alone does not change."""
    loaded = sorted(name for name in sys.modules if name.startswith(MEASURED))
    sources = [Path(str(sys.modules[name].__file__)).read_bytes() for name in loaded]
    return hashlib.sha256(b"".join(sources)).hexdigest()[:16]


@dataclass(frozen=True)
class Kept:
    """A file with one finished run a line; without a file nothing is kept."""

    file: Path | None
    plan: Plan
    code: str

    def begin(self, *, resume: bool) -> None:
        """Drop what an earlier measurement kept, unless it is to go on."""
        if self.file is not None and not resume:
            self.file.unlink(missing_ok=True)

    def runs(self) -> dict[int, Run]:
        """Give the runs of this plan and this code, by seed.

        Raises:
            InputError: a line is not a run.
        """
        return dict(self._read())

    def add(self, seed: int, run: Run) -> None:
        """Keep one more."""
        if self.file is None:
            return
        line = {**self._header(seed), "run": asdict(run)}
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def _header(self, seed: int) -> dict[str, object]:
        return {"seed": seed, "plan": asdict(self.plan), "code": self.code}

    def _read(self) -> Iterator[tuple[int, Run]]:
        if self.file is None or not self.file.exists():
            return
        for number, line in enumerate(self.file.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                said = json.loads(line)
                seed, run = int(said["seed"]), RUN.validate_python(said["run"])
            except (ValueError, KeyError, TypeError, ValidationError) as error:
                msg = f"{self.file} line {number} is no finished run; delete it or measure without --resume"
                raise InputError(msg) from error
            if {**said, "run": None} == {**self._header(seed), "run": None}:
                yield seed, run
