"""People and what they may do."""

from dataclasses import dataclass
from enum import IntEnum


class Role(IntEnum):
    """What a person may do; each role may do what the ones before it may."""

    VIEWER = 1
    """Looks at everything."""
    APPROVER = 2
    """Decides on proposals."""
    ADMIN = 3
    """Turns the kill switch."""

    @property
    def words(self) -> str:
        """The role as people write it."""
        return self.name.lower()


ROLES = {role.words: role for role in Role}


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Say whether the person may do what needs a role."""
        return self.role >= role
