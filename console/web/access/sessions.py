"""Who is signed in, by the secret in their cookie."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LASTS = timedelta(hours=12)
"""A shift; then one signs in again."""
AT_MOST = 1_000
"""Sessions at a time; the oldest makes room."""


@dataclass(frozen=True)
class Session:
    """One sign-in."""

    proof: str
    """Digest of the token that was given: the session ends when the file has it no more."""
    until: datetime


@dataclass
class Sessions:
    """Keeps sign-ins in memory: a restart ends them all."""

    clock: Callable[[], datetime]
    new_secret: Callable[[], str]
    _open: OrderedDict[str, Session] = field(default_factory=OrderedDict, init=False)

    def begin(self, proof: str) -> str:
        """Keep a sign-in; gives the secret of its cookie."""
        secret = self.new_secret()
        self._open[secret] = Session(proof, self.clock() + LASTS)
        while len(self._open) > AT_MOST:
            self._open.popitem(last=False)
        return secret

    def proof(self, secret: str) -> str | None:
        """Give the digest that a session rests on; None when there is no such session any more."""
        session = self._open.get(secret)
        if session is None or session.until <= self.clock():
            self.end(secret)
            return None
        return session.proof

    def end(self, secret: str) -> None:
        """Forget a session."""
        self._open.pop(secret, None)
