"""What became of the rows of a file: how many were taken, and why the others were not."""

from collections import Counter
from dataclasses import dataclass, field

from payments.errors import BadRow

PROBLEMS_KEPT = 20
"""Messages kept in full; beyond them only the counts grow."""

_VALUE_CHARACTERS = 80


@dataclass
class Report:
    """Counts the rows of one file."""

    file: str
    valid: int = 0
    """Rows that are in the windows."""
    bad: Counter[str] = field(default_factory=Counter)
    """Rows skipped because they cannot be read or cannot be, by reason."""
    duplicates: int = 0
    """Rows skipped because the same row came before."""
    notes: list[str] = field(default_factory=list)
    """What the windows leave out."""
    _problems: list[tuple[int, BadRow]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """All rows read."""
        return self.valid + self.duplicates + self.bad.total()

    @property
    def problems(self) -> tuple[BadRow, ...]:
        """The first problems, in the order of the file."""
        return tuple(problem for _, problem in sorted(self._problems, key=lambda one: one[0]))

    @property
    def wants_problems(self) -> bool:
        """Whether another message would be kept."""
        return len(self._problems) < PROBLEMS_KEPT

    def reject(self, line: int, reason: str, detail: str, rows: int = 1) -> None:
        """Count a bad row and keep its message while there is room."""
        self.bad[reason] += rows
        self.keep(line, detail)

    def keep(self, line: int, detail: str) -> None:
        """Keep a message while there is room."""
        if self.wants_problems:
            self._problems.append((line, BadRow(f"{self.file}:{line}: {detail}.")))

    def sentence(self) -> str:
        """Say it all in one sentence."""
        skipped = [*self.bad.most_common(), *([("given before", self.duplicates)] if self.duplicates else [])]
        why = ", ".join(f"{count:,} {reason}" for reason, count in skipped)
        tail = f", {self.rows - self.valid:,} skipped ({why})" if why else ""
        return f"{self.file}: {self.rows:,} rows, {self.valid:,} taken{tail}."


def shown(value: str) -> str:
    """Quote a value of the file for a message, in escapes, cut to a readable length."""
    cut = value if len(value) <= _VALUE_CHARACTERS else value[:_VALUE_CHARACTERS] + ".."
    return ascii(cut)
