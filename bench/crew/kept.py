"""Episodes that were played already, kept beside the result: a run that is stopped goes on from them."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bench.crew.played import CREW, TOLD_THE_TRUTH, Played, Task
from bench.crew.policies.remedies import KEPT
from bench.result import ROOT
from payments.errors import InputError

WORLD = ("payments", "simulator/traffic", "bench/crew/play", "bench/crew/played.py")
"""What every episode depends on."""
THE_CREW = (
    *("agents", "graph", "guardrails", "memory", "tools"),
    *(f"console/{name}.py" for name in ("authority", "compose", "deciding", "settings")),
)
"""What episodes of the crew depend on besides."""
_DATA = frozenset({".py", ".toml", ".csv", ".json"})
_PLAYED = TypeAdapter(Played)


@cache
def fingerprint(policy: str) -> str:
    """Give a digest of the code and data that a policy's episodes depend on, whatever the commit."""
    digest = hashlib.sha256()
    for place in (*WORLD, *_places(policy)):
        for file in _files(ROOT / place):
            digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def _places(policy: str) -> tuple[str, ...]:
    if policy in CREW:
        return THE_CREW
    choice = (KEPT.relative_to(ROOT).as_posix(),) if policy in TOLD_THE_TRUTH else ()
    return ("bench/crew/policies", *choice)


def _files(place: Path) -> list[Path]:
    found = place.rglob("*") if place.is_dir() else [place]
    return sorted(file for file in found if file.suffix in _DATA)


@dataclass(frozen=True)
class Kept:
    """A file with one played episode a line; without a file nothing is kept."""

    file: Path | None
    script: str
    """What the episodes were drawn from."""

    def begin(self, *, resume: bool) -> None:
        """Drop what an earlier measurement kept, unless it is to go on."""
        if self.file is not None and not resume:
            self.file.unlink(missing_ok=True)

    def played(self) -> Mapping[Task, Played]:
        """Give what this code played already.

        Raises:
            InputError: a line is not a played episode.
        """
        return {one.task: one for one in self._read()}

    def add(self, played: Played) -> None:
        """Keep one more."""
        if self.file is None:
            return
        line = {**self._header(played.task), "played": asdict(played)}
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def _header(self, task: Task) -> dict[str, object]:
        return {"code": fingerprint(task.policy), "script": self.script}

    def _read(self) -> Iterator[Played]:
        if self.file is None or not self.file.exists():
            return
        for number, line in enumerate(self.file.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                said = json.loads(line)
                one = _PLAYED.validate_python(said.pop("played"))
            except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
                msg = f"{self.file} line {number} is no played episode; delete it or measure without --resume"
                raise InputError(msg) from error
            if said == self._header(one.task):
                yield one
