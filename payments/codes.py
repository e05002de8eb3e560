"""Decline and error codes as data: who owns them, whether they are technical, whether a retry may help."""

import csv
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict


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


class DeclineCode(BaseModel):
    """One code of one code system."""

    model_config = ConfigDict(frozen=True)

    code: str
    system: str
    """iso8583, 3ds, upi, stripe, transport."""
    meaning: str
    group: CodeGroup
    owner: Owner
    technical: bool
    """Counts in the technical failure rate, the only one that may call for a reroute."""
    retry: Retry
    source: str


@cache
def decline_codes() -> dict[str, DeclineCode]:
    """Read the table `decline_codes.csv`, by upper-case code."""
    text = files("payments").joinpath("decline_codes.csv").read_text(encoding="utf-8")
    rows = (DeclineCode.model_validate(row) for row in csv.DictReader(text.splitlines()))
    return {row.code.upper(): row for row in rows}


def look_up(code: str) -> DeclineCode:
    """Give what is known about a code; an unknown one is kept under its own name, never dropped."""
    known = decline_codes().get(code.upper())
    return known or DeclineCode(
        code=code,
        system="unknown",
        meaning="not in the table",
        group=CodeGroup.UNKNOWN,
        owner="unknown",
        technical=False,
        retry="later",
        source="",
    )
