"""Decline and error codes as data: who owns them, whether they are technical, whether a retry may help."""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, RootModel, model_validator

from payments.tables import read_table


class CodeGroup(StrEnum):
    """What a failure says about its cause; the units in which code mixes are compared."""

    USER = "user"
    CARD_DATA = "card_data"
    ISSUER = "issuer"
    TECHNICAL = "technical"
    ROUTING = "routing"
    CONFIG = "config"
    RISK = "risk"
    AUTHENTICATION = "authentication"
    RETRY_LIMIT = "retry_limit"
    CUTOVER = "cutover"
    GENERIC = "generic"
    UNKNOWN = "unknown"


Owner = Literal["user", "issuer", "network", "psp", "merchant", "risk", "unknown"]
Retry = Literal["never", "later", "fix_data", "other_route", "reconcile_first"]
System = Literal["iso8583", "3ds", "upi", "transport", "gateway", "stripe", "mastercard", "unknown"]


class DeclineCode(BaseModel):
    """One code of one code system."""

    model_config = ConfigDict(frozen=True)

    code: str
    system: System
    meaning: str
    group: CodeGroup
    owner: Owner
    technical: bool
    """Counts in the technical failure rate, the only one that may call for a reroute."""
    retry: Retry
    source: str

    @property
    def cause_is_open(self) -> bool:
        """Whether the code tells an outcome only, so that what follows it tells the cause (UPI's U30)."""
        return self.group is CodeGroup.GENERIC and self.owner == "unknown"


class DeclineCodes(RootModel[tuple[DeclineCode, ...]]):
    """A table of codes; each stands once in its system."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.by_system()) < len(self.root):
            msg = "every code must be listed once in its system, whatever its case"
            raise ValueError(msg)
        return self

    def by_system(self) -> Mapping[tuple[str, str], DeclineCode]:
        """Give the codes by system and upper-case code."""
        return MappingProxyType({(row.system, row.code.upper()): row for row in self.root})

    def by_code(self) -> Mapping[str, DeclineCode]:
        """Give the codes by upper-case code; where systems share one, the first system listed has it."""
        return MappingProxyType({row.code.upper(): row for row in reversed(self.root)})


@cache
def decline_codes() -> Mapping[str, DeclineCode]:
    """Read the table `decline_codes.csv`, by upper-case code."""
    return _table().by_code()


@cache
def _table() -> DeclineCodes:
    return DeclineCodes.model_validate(read_table("decline_codes.csv"))


@cache
def _by_system() -> Mapping[tuple[str, str], DeclineCode]:
    return _table().by_system()


def look_up(code: str, system: System | None = None) -> DeclineCode:
    """Give what is known about a code; an unknown one is kept under its own name, never dropped.

    Codes are found in either case, without their leading zero (`5`), with their text (`05 : Do not honor`),
    and in pairs of outcome and cause (`U30|Z9`).

    >>> look_up("U30|Z9").group.value, look_up("79", "mastercard").source.split()[0]
    ('user', 'Mastercard')
    """
    parts = [part.strip() for part in re.split(r"[|:]", code.upper())]
    found = [known for known in (_find(part, system) for part in parts) if known is not None]
    if not found:
        return _unknown(code)
    told = next((known for known in found if not known.cause_is_open), found[0])
    chosen = told if found[0].cause_is_open else found[0]
    return chosen if len(parts) == 1 else chosen.model_copy(update={"code": code})


def _find(code: str, system: System | None) -> DeclineCode | None:
    for written in (code, code.zfill(2)):
        known = _by_system().get((system, written)) if system else decline_codes().get(written)
        if known is not None:
            return known
    return None


def _unknown(code: str) -> DeclineCode:
    return DeclineCode(
        code=code,
        system="unknown",
        meaning="not in the table",
        group=CodeGroup.UNKNOWN,
        owner="unknown",
        technical=False,
        retry="later",
        source="",
    )
