"""Who holds a lease: a name that tells, on the same machine, whether its process still runs."""

import os
import re
import socket
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
_ENDED = frozenset("ZX")
"""States of a process that will never do anything again: zombie, dead."""
_STATE, _START = 0, 19
"""Places in `/proc/PID/stat` behind the command: the state, and the start in clock ticks since boot."""


class _Holder(NamedTuple):
    """A process as its name tells it."""

    host: str
    pid: int
    machine: str
    """Digest of the running system and of the namespace that process ids belong to."""
    started: str


def this_process() -> str:
    """Name this process so that others can tell whether it still runs; where that cannot be told, its number.

    Process ids come back and containers share names, so the name holds the start of the process too, and
    which running system and which namespace its number belongs to.
    """
    plain = f"{socket.gethostname()}:{os.getpid()}"
    machine, stat = _machine(), _stat(os.getpid())
    return f"{plain}:{machine}:{stat[_START]}" if machine and stat else plain


def is_gone(owner: str) -> bool:
    """Say whether the process of that name has ended for sure; what cannot be told is not gone."""
    holder = _parse(owner)
    if holder is None or holder.machine != _machine():
        return False
    try:
        os.kill(holder.pid, 0)  # signal 0 only asks whether the process is there
    except ProcessLookupError:
        return True
    except OSError:
        return False
    stat = _stat(holder.pid)
    return stat is not None and (stat[_START] != holder.started or stat[_STATE] in _ENDED)


def short_name(owner: str) -> str:
    """Give the part of a holder's name that people know: host and process id.

    >>> short_name("till:4711:5f0c9a1e:88123")
    'till:4711'
    """
    holder = _parse(owner)
    return f"{holder.host}:{holder.pid}" if holder else owner


def _parse(owner: str) -> _Holder | None:
    parts = owner.rsplit(":", 3)
    if len(parts) != len(_Holder._fields) or not re.fullmatch(r"[1-9][0-9]{0,8}", parts[1]):
        return None
    return _Holder(parts[0], int(parts[1]), parts[2], parts[3])


def _machine() -> str:
    """Give a digest that two processes share when each can see whether the other runs; empty if untold."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii")
        namespace = str((_PROC / "self/ns/pid").readlink())
    except (OSError, ValueError):
        return ""
    return blake2b(f"{boot}|{namespace}".encode(), digest_size=4).hexdigest()


def _stat(pid: int) -> list[str] | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the command before it may hold spaces and brackets
    return fields if len(fields) > _START else None
