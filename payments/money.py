"""Money as integer minor units with a currency."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]

# Digits of the minor unit where they are not two (ISO 4217).
_DECIMALS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND"), 0),
    **dict.fromkeys(("VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


class Money(BaseModel):
    """An amount in the minor unit of its currency (cents, paise) and the ISO 4217 code."""

    model_config = ConfigDict(frozen=True)

    minor: int
    currency: Currency

    def __str__(self) -> str:
        decimals = _DECIMALS.get(self.currency, 2)
        whole, rest = divmod(abs(self.minor), 10**decimals)
        sign = "-" if self.minor < 0 else ""
        fraction = f".{rest:0{decimals}d}" if decimals else ""
        return f"{sign}{whole:,}{fraction} {self.currency}"
