"""What the card schemes allow after a decline, by date: categories, caps on retries, merchant advice."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from itertools import combinations
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    NonNegativeInt,
    PositiveInt,
    RootModel,
    model_validator,
)

from payments.codes import Retry
from payments.tables import read_table

OptionalDate = Annotated[date | None, BeforeValidator(lambda value: value or None)]
Scheme = Literal["visa", "mastercard"]


class _Dated(BaseModel):
    """A rule of a scheme for some time, in a region or everywhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scheme: Scheme
    region: str
    """Empty for everywhere."""
    effective_from: OptionalDate
    """None when it is older than the source tells."""
    effective_until: OptionalDate
    """The day on which it no longer holds; None while no end is known."""
    source: str

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.first_day >= self.end_day:
            msg = f"effective_until {self.effective_until} must be after effective_from {self.effective_from}"
            raise ValueError(msg)
        return self

    @property
    def first_day(self) -> date:
        """The first day on which the rule holds."""
        return self.effective_from or date.min

    @property
    def end_day(self) -> date:
        """The first day on which it no longer does."""
        return self.effective_until or date.max

    def holds(self, on: date, region: str) -> bool:
        """Say whether the rule holds on a day in a region."""
        return self.first_day <= on < self.end_day and self.region in {"", region}

    def overlaps(self, other: "_Dated") -> bool:
        """Say whether there is a day on which both rules hold."""
        return self.first_day < other.end_day and other.first_day < self.end_day


class SchemeCategory(_Dated):
    """Into which category of declines a scheme puts a code."""

    code: str
    category: PositiveInt


class SchemeCategories(RootModel[tuple[SchemeCategory, ...]]):
    """A table of categories; a code has one at a time."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        for one, other in combinations(self.root, 2):
            same = (one.scheme, one.code, one.region) == (other.scheme, other.code, other.region)
            if same and one.overlaps(other):
                msg = f"{one.scheme} has two categories for {one.code!r} at the same time"
                raise ValueError(msg)
        return self


class RetryLimit(_Dated):
    """A cap: so many attempts in so many days, and then fees or refusals."""

    applies_to: str
    """`any` decline, one `category N` of declines, or one `advice NN` of the issuer."""
    most: NonNegativeInt
    """0 when no retry is allowed."""
    within_days: PositiveInt
    counted: Literal["reattempts", "declines"]
    """Declines include the first one."""
    same: str
    """What attempts have in common that count together."""


class Advice(BaseModel):
    """What an issuer of Mastercard tells the merchant to do after a decline."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    meaning: str
    retry: Retry
    wait_s: NonNegativeInt
    """Seconds until a retry makes sense."""
    source: str


def scheme_category(scheme: str, code: str, on: date, *, region: str = "") -> int | None:
    """Give the category of a decline on a day; None when the scheme has none for it."""
    held = [
        row
        for row in _categories()
        if row.scheme == scheme.lower() and row.code == code.upper() and row.holds(on, region)
    ]
    return max(held, key=lambda row: len(row.region)).category if held else None


def retry_limits(
    scheme: str, code: str, on: date, *, region: str = "", advice: str = ""
) -> tuple[RetryLimit, ...]:
    """Give the caps on retrying after a decline on a day, the strictest first; empty when none is known.

    `advice` is the merchant advice code, where there was one.
    """
    kinds = {"any", f"category {scheme_category(scheme, code, on, region=region)}", f"advice {advice}"}
    held = (
        row
        for row in _limits()
        if row.scheme == scheme.lower() and row.applies_to in kinds and row.holds(on, region)
    )
    return tuple(sorted(held, key=lambda row: (row.most, row.within_days)))


def merchant_advice(code: str) -> Advice:
    """Give what a merchant advice code of Mastercard says; an unknown one is kept under its own name."""
    known = _advice().get(code.zfill(2))
    return known or Advice(code=code, meaning="not in the table", retry="later", wait_s=0, source="")


@cache
def _categories() -> Sequence[SchemeCategory]:
    return SchemeCategories.model_validate(read_table("scheme_categories.csv")).root


@cache
def _limits() -> Sequence[RetryLimit]:
    return [RetryLimit.model_validate(row) for row in read_table("retry_limits.csv")]


@cache
def _advice() -> dict[str, Advice]:
    rows = (Advice.model_validate(row) for row in read_table("advice_codes.csv"))
    return {row.code: row for row in rows}
