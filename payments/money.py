"""Money as integer minor units with a currency."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Money(BaseModel):
    """An amount in the minor unit of its currency (cents, paise) and the ISO 4217 code."""

    model_config = ConfigDict(frozen=True)

    minor: int
    currency: Currency

    def __str__(self) -> str:
        return f"{self.minor / 100:,.2f} {self.currency}"
