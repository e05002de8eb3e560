"""One switch that stops every write to traffic: a file, or a setting."""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from guardrails.head import sync_folder

FILE_NAME = "KILL"


@dataclass(frozen=True)
class KillSwitch:
    """Reads the file `KILL` in the state folder: while it exists nothing is done, only undone."""

    folder: Path
    held: bool = False
    """True when a setting keeps it on, with or without the file."""

    @property
    def file(self) -> Path:
        """The file that is the switch."""
        return self.folder / FILE_NAME

    def is_on(self) -> bool:
        """Say whether writes are forbidden; a folder that cannot be looked into forbids them too."""
        return self.held or self._is_there()

    def turn_on(self, by: str, note: str, at: datetime) -> None:
        """Forbid all writes from now on, through any crash.

        Raises:
            OSError: the file cannot be made.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.file.open("w", encoding="utf-8") as file:
            file.write(json.dumps({"by": by, "note": note, "at": at.isoformat()}) + "\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self.folder)

    def turn_off(self) -> None:
        """Remove the file; what a setting holds stays on."""
        self.file.unlink(missing_ok=True)

    def words(self) -> str:
        """Say whether it is on, and who turned it on, when and why, as far as the file tells."""
        if not self.is_on():
            return "The kill switch is off."
        reasons = ["a setting (PAYOPS_KILL) holds it"] if self.held else []
        reasons += [_who(self.file)] if self._is_there() else []
        return f"The kill switch is on: {' and '.join(reasons)}. Nothing new is done to traffic."

    def _is_there(self) -> bool:
        try:
            return self.file.exists()
        except OSError:
            return True


def _who(file: Path) -> str:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        at = datetime.fromisoformat(said["at"])
        return f"{said['by']} turned it on at {at:%Y-%m-%d %H:%M:%S %Z} ({said['note'] or 'no reason given'})"
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return f"the file {str(file)!r} is there"
