"""One file that stops every write to traffic while it exists."""

from dataclasses import dataclass
from pathlib import Path

FILE_NAME = "KILL"


@dataclass(frozen=True)
class KillSwitch:
    """Reads the file `KILL` in the state folder: creating it stops all writes, removing it allows them."""

    folder: Path

    def is_on(self) -> bool:
        """Say whether writes are forbidden; a folder that cannot be looked into forbids them too."""
        try:
            return (self.folder / FILE_NAME).exists()
        except OSError:
            return True
