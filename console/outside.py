"""What comes in from outside: the time, and identities that nobody had before."""

from datetime import UTC, datetime
from uuid import uuid4


def now() -> datetime:
    """Give the wall clock in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """Give a short random identity."""
    return uuid4().hex[:12]
