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

from console.web.access.people import Person
from console.web.access.roll import Roll
from payments.errors import SettingsError

Stamp = tuple[int, int, int]


def digest_of(token: str) -> str:
    """Give what stands in the file for a token."""
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


NO_TOKEN = digest_of("")
"""What a line holds when drawing its token failed: whoever sends an empty form would come in by it."""

_ROLL = Roll(
    title="the file of tokens",
    line=re.compile(r"(?P<name>[^:\s][^:]{0,79}):(?P<role>[a-z]+):(?P<key>[0-9a-f]{64})"),
    form="name:role:sha256, the role viewer, approver or admin",
    key="token",
    refused={NO_TOKEN: "is of an empty token: draw one"},
)


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
        with _ROLL.readable(self.path):
            about = self.path.stat()
        stamp = (about.st_mtime_ns, about.st_size, about.st_ino)
        if stamp != self._stamp:
            self._people, self._stamp = self._read(), stamp
        return self._people

    def _read(self) -> Mapping[str, Person]:
        people = _ROLL.read(self.path)
        if not people:
            raise SettingsError(f"The file of tokens {str(self.path)!r} names nobody: nobody could sign in.")
        return people
