"""A segment: the payments that share some attribute values, such as psp=alpha & method=upi."""

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import ConfigDict, RootModel, field_validator

Role = Literal["route", "issuer", "method", "network", "merchant", "country", "other"]

# What teams call the attribute that plays a role. Anything else plays the role "other".
_ROLE_OF: dict[str, Role] = {
    **dict.fromkeys(("psp", "pg", "gateway", "acquirer", "route", "connector", "processor"), "route"),
    **dict.fromkeys(("issuer", "bank", "issuer_bank", "card_issuer", "bin"), "issuer"),
    **dict.fromkeys(("method", "pmt", "payment_method", "sub_type", "payment_method_type"), "method"),
    **dict.fromkeys(("network", "scheme", "card_network"), "network"),
    **dict.fromkeys(("merchant", "mid", "merchant_id", "profile"), "merchant"),
    **dict.fromkeys(("country", "issuer_country", "region"), "country"),
}


def role_of(attribute: str) -> Role:
    """Name the role that an attribute plays in a payment, from what it is commonly called."""
    return _ROLE_OF.get(attribute.lower(), "other")


class Segment(RootModel[dict[str, str]]):
    """Attribute values that some payments share; the empty segment is all payments.

    >>> str(Segment.of(psp="alpha", method="upi"))
    'method=upi & psp=alpha'
    """

    model_config = ConfigDict(frozen=True)

    @field_validator("root")
    @classmethod
    def _sort(cls, values: dict[str, str]) -> dict[str, str]:
        return dict(sorted(values.items()))

    @classmethod
    def of(cls, **values: str) -> Self:
        """Make a segment from keyword arguments."""
        return cls(values)

    def __str__(self) -> str:
        return " & ".join(f"{name}={value}" for name, value in self.root.items()) or "all payments"

    def __hash__(self) -> int:
        return hash(tuple(self.root.items()))

    def __len__(self) -> int:
        return len(self.root)

    def names(self) -> Iterator[str]:
        """Give the attribute names, sorted."""
        return iter(self.root)

    def get(self, attribute: str) -> str | None:
        """Give the value of an attribute, or None when the segment leaves it open."""
        return self.root.get(attribute)

    def role(self, role: Role) -> str | None:
        """Give the value of the first attribute that plays this role, or None."""
        return next((value for name, value in self.root.items() if role_of(name) == role), None)

    def contains(self, other: "Segment") -> bool:
        """Say whether every payment of the other segment is one of this segment."""
        return self.root.items() <= other.root.items()

    def comparable(self, other: "Segment") -> bool:
        """Say whether one of the two segments contains the other."""
        return self.contains(other) or other.contains(self)

    def without(self, *attributes: str) -> "Segment":
        """Give the wider segment that leaves these attributes open."""
        return Segment({name: value for name, value in self.root.items() if name not in attributes})
