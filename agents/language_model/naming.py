"""Stand-ins for every name that comes from outside, so that no name reaches a model and none is lost."""

import re
from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict

from payments.codes import decline_codes
from payments.segment import Segment, role_of

STAND_IN = re.compile(r"\b(?:route|issuer|method|network|merchant|country|other|code)_\d+\b")
"""How a stand-in is written."""


class Names(BaseModel):
    """Which name stands behind which stand-in."""

    model_config = ConfigDict(frozen=True)

    behind: dict[str, str] = {}
    """Stand-in -> name."""

    @classmethod
    def of(cls, segments: Iterable[Segment], routes: Iterable[str], codes: Iterable[str]) -> Self:
        """Number the values of each role in the order in which they come."""
        found: list[tuple[str, str]] = [
            (role_of(name), value) for one in segments for name, value in one.root.items()
        ]
        found += [("route", route) for route in routes]
        found += [("code", code) for code in codes if not is_listed(code)]
        behind = dict[str, str]()
        for role, value in dict.fromkeys(found):
            number = sum(known.startswith(f"{role}_") for known in behind) + 1
            behind[f"{role}_{number}"] = value
        return cls(behind=behind)

    def instead_of(self, role: str, name: str) -> str:
        """Give the stand-in of a name that is known."""
        return next(
            (stand_in for stand_in, one in self.behind.items() if one == name and stand_in.startswith(role)),
            f"another {role}",
        )

    def code(self, code: str) -> str:
        """Give a decline code that stands in the table as it is, any other by its stand-in."""
        return decline_codes()[code.upper()].code if is_listed(code) else self.instead_of("code", code)

    def segment(self, segment: Segment) -> str:
        """Describe a segment by stand-ins alone; not even the columns' own headings are told."""
        parts = [self.instead_of(role_of(name), value) for name, value in segment.root.items()]
        return " & ".join(parts) or "all payments"

    def unknown(self, text: str) -> list[str]:
        """Give the stand-ins of a text that stand for nothing."""
        return [found for found in STAND_IN.findall(text) if found not in self.behind]

    def restored(self, text: str) -> str:
        """Put the names back into a text that is for people."""
        return STAND_IN.sub(lambda found: self.behind.get(found[0], found[0]), text)


def is_listed(code: str) -> bool:
    """Say whether the table has a code word for word; `look_up` also finds one with words of its own."""
    return code.upper() in decline_codes()
