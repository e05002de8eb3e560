"""The file of tokens: who may sign in, without a secret in it.

A line is `name:role:sha256`, the last being the SHA-256 of the token in hexadecimal digits. Tokens are drawn
at random and long, so a fast hash does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path

from console.web.access.people import ROLES, Person
from payments.errors import SettingsError

_LINE = re.compile(r"(?P<name>[^:\s][^:]{0,79}):(?P<role>[a-z]+):(?P<digest>[0-9a-f]{64})")

Stamp = tuple[int, int, int]


def digest_of(token: str) -> str:
    """Give what stands in the file for a token."""
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


NO_TOKEN = digest_of("")
"""What a line holds when drawing its token failed: whoever sends an empty form would come in by it."""


@dataclass
class TokenFile:
    """Reads the file again whenever it changes, so that a line taken out ends its sessions at once."""

    path: Path
    _stamp: Stamp | None = field(default=None, init=False)
    _people: Mapping[str, Person] = field(default_factory=dict, init=False)

    def person(self, token: str) -> Person | None:
        """Give whose token it is, in a time that does not tell how much of it is right."""
        given, found = digest_of(token), None
        for digest, person in self.people().items():
            if compare_digest(given, digest):
                found = person
        return found

    def people(self) -> Mapping[str, Person]:
        """Give the people by the digest of their token.

        Raises:
            SettingsError: the file cannot be read, or a line is none; no line is repeated.
        """
        try:
            about = self.path.stat()
            stamp = (about.st_mtime_ns, about.st_size, about.st_ino)
            if stamp != self._stamp:
                self._people, self._stamp = _parse(self.path.read_text(encoding="utf-8"), self.path), stamp
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise SettingsError(f"The file of tokens {str(self.path)!r} cannot be read: {reason}.") from error
        return self._people


def _parse(text: str, path: Path) -> dict[str, Person]:
    people: dict[str, Person] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None or found["role"] not in ROLES:
            form = "name:role:sha256, the role viewer, approver or admin"
            raise SettingsError(f"Line {number} of the file of tokens {str(path)!r} is not {form}.")
        if found["digest"] in people:
            raise SettingsError(f"Line {number} of the file of tokens {str(path)!r} repeats a token.")
        if found["digest"] == NO_TOKEN:
            raise SettingsError(
                f"Line {number} of the file of tokens {str(path)!r} is of an empty token: draw one."
            )
        people[found["digest"]] = Person(found["name"].strip(), ROLES[found["role"]])
    if not people:
        raise SettingsError(f"The file of tokens {str(path)!r} names nobody: nobody could sign in.")
    return people
