"""Three ways in: as the local administrator, with a token, or through a proxy that has signed people in."""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from starlette.requests import Request

from console.web.access.people import ROLES, Person, Role
from console.web.access.rate import Failures
from console.web.access.sessions import Sessions
from console.web.access.tokens import TokenFile, digest_of

COOKIE = "payops_session"
USER_HEADER, GROUPS_HEADER = "x-forwarded-user", "x-forwarded-groups"
"""What proxies that speak OpenID Connect commonly send on."""
GROUP_PREFIX = "payops-"
_NAME = re.compile(r"[^\x00-\x1f\x7f:]{1,80}")


class Entrance(Protocol):
    """Tells who sends a request."""

    @property
    def signs_in(self) -> bool:
        """Whether people sign in here, with a token."""

    def person(self, request: Request) -> Person | None:
        """Give who sends the request; None for nobody known."""

    def visit(self, request: Request, person: Person) -> str:
        """Give what a form's seal is bound to."""


@dataclass(frozen=True)
class LocalEntrance:
    """Whoever reaches the loopback address is the administrator of this machine's crew."""

    name: str
    signs_in = False

    def person(self, request: Request) -> Person | None:
        """Give the administrator."""
        return Person(self.name, Role.ADMIN)

    def visit(self, request: Request, person: Person) -> str:
        """Give the same for every page of this process."""
        return f"local:{person.name}"


@dataclass(frozen=True)
class ProxyEntrance:
    """Believes the headers of one proxy, by its address, and nobody else's."""

    address: str
    signs_in = False

    def person(self, request: Request) -> Person | None:
        """Give whom the proxy names, with the highest role among the groups."""
        name, groups = _only(request, USER_HEADER), _only(request, GROUPS_HEADER)
        if request.client is None or request.client.host != self.address or not _NAME.fullmatch(name):
            return None
        wanted = {group.strip().lower() for group in groups.split(",")}
        roles = [role for words, role in ROLES.items() if GROUP_PREFIX + words in wanted]
        return Person(name, max(roles)) if roles else None

    def visit(self, request: Request, person: Person) -> str:
        """Give the same for all pages of a person."""
        return f"proxy:{person.name}"


def _only(request: Request, header: str) -> str:
    """Give a header that came once; empty for one that came twice: a sender may have put his before ours."""
    values = request.headers.getlist(header)
    return values[0] if len(values) == 1 else ""


@dataclass(frozen=True)
class TokenEntrance:
    """Lets people in who once gave a token; the cookie holds a secret of the session, never the token."""

    tokens: TokenFile
    sessions: Sessions
    failures: Failures
    signs_in = True

    def person(self, request: Request) -> Person | None:
        """Give whose session it is, as long as the file of tokens still has them."""
        proof = self.sessions.proof(request.cookies.get(COOKIE, ""))
        return None if proof is None else self.tokens.people().get(proof)

    def visit(self, request: Request, person: Person) -> str:
        """Give what only this session has."""
        return f"session:{request.cookies.get(COOKIE, '')}"

    def sign_in(self, token: str, place: str) -> str | None:
        """Begin a session, giving the secret of its cookie; None when the token is nobody's."""
        if self.tokens.person(token) is None:
            self.failures.add(place)
            return None
        return self.sessions.begin(digest_of(token))


@dataclass(frozen=True)
class Seals:
    """Marks that only our own pages can put on a form (a keyed hash of the visit)."""

    key: bytes = field(repr=False)

    @classmethod
    def drawn(cls, new_secret: Callable[[], str]) -> "Seals":
        """Draw a key for this process."""
        return cls(new_secret().encode("ascii"))

    def seal(self, visit: str) -> str:
        """Give the mark of a visit's forms."""
        return hmac.new(self.key, visit.encode("utf-8", "surrogateescape"), sha256).hexdigest()

    def holds(self, given: object, visit: str) -> bool:
        """Say whether a form bears the mark."""
        text = given if isinstance(given, str) else ""
        return hmac.compare_digest(text.encode("utf-8", "surrogateescape"), self.seal(visit).encode("ascii"))
