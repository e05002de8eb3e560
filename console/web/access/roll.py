"""Files that say who is who: a person on each line, by what that person signs in with."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from re import Pattern

from console.web.access.people import ROLES, Person
from payments.errors import SettingsError


@dataclass(frozen=True)
class Roll:
    """The form of one kind of these files; blank lines and those that begin with # say nothing."""

    title: str
    """What people call the file."""
    line: Pattern[str]
    """Has the groups `key`, `name` and `role`."""
    form: str
    """What a line is, in words."""
    key: str
    """What the key is, in a word: it stands on one line only."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Keys that nobody may have, and why."""

    def read(self, file: Path) -> dict[str, Person]:
        """Give the people by their keys.

        Raises:
            SettingsError: the file cannot be read, or a line is none.
        """
        with self.readable(file):
            lines = file.read_text(encoding="utf-8").splitlines()
        people: dict[str, Person] = {}
        for number, line in enumerate(lines, start=1):
            if line.strip() and not line.startswith("#"):
                key, person = self._person(line.strip(), f"Line {number} of {self.title} {str(file)!r}")
                if key in people:
                    raise SettingsError(f"Line {number} of {self.title} {str(file)!r} repeats a {self.key}.")
                people[key] = person
        return people

    def _person(self, line: str, where: str) -> tuple[str, Person]:
        found = self.line.fullmatch(line)
        if found is None or found["role"] not in ROLES:
            raise SettingsError(f"{where} is not {self.form}.")
        if found["key"] in self.refused:
            raise SettingsError(f"{where} {self.refused[found['key']]}.")
        return found["key"], Person(found["name"].strip(), ROLES[found["role"]])

    @contextmanager
    def readable(self, file: Path) -> Iterator[None]:
        """Say in our words that the file cannot be read."""
        try:
            yield
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            title = self.title[:1].upper() + self.title[1:]
            raise SettingsError(f"{title} {str(file)!r} cannot be read: {reason}.") from error
