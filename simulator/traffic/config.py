"""What a world is made of, before a seed draws its rates."""

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

from payments.errors import SettingsError

_STEMS = ("alder", "birch", "cedar", "dogwood", "elm", "fir", "hazel", "juniper", "larch", "maple")
_KINDS = ("bank", "credit", "savings", "union", "direct")


def _issuers(count: int) -> tuple[str, ...]:
    if not 1 <= count <= len(_STEMS) * len(_KINDS):
        msg = f"A world has 1 to {len(_STEMS) * len(_KINDS)} issuers, not {count!r}: ask for fewer."
        raise SettingsError(msg)
    return tuple(f"{stem}_{kind}" for kind in _KINDS for stem in _STEMS)[:count]


@dataclass(frozen=True)
class LateReports:
    """A share of the increments is reported some time after its end; meanwhile later ones come in."""

    share: float
    after_s: float


@dataclass(frozen=True)
class WorldConfig:
    """Names, sizes and habits; the same config and seed give the same world."""

    issuers: tuple[str, ...] = _issuers(10)
    countries: tuple[str, ...] = ("IN", "AE", "SG", "IN", "FR")
    """Countries of the issuers, in turn."""
    combos: tuple[tuple[str, str, float], ...] = (
        ("card", "visa", 0.30),
        ("card", "mastercard", 0.24),
        ("card", "rupay", 0.12),
        ("upi", "upi", 0.24),
        ("wallet", "wallet", 0.10),
    )
    """Method, network and share of the payments."""
    psps: tuple[tuple[str, float], ...] = (
        ("northpay", 0.33),
        ("swiftgate", 0.27),
        ("unipay", 0.23),
        ("zenpay", 0.17),
    )
    """Name and share of the payments; merchants differ in which they prefer."""
    merchants: tuple[tuple[str, float], ...] = (
        ("greengrocer_online", 0.36),
        ("tallyho_travel", 0.26),
        ("stride_shoes", 0.18),
        ("lumen_energy", 0.12),
        ("pixelplay_games", 0.08),
    )
    """Name and share of the payments."""
    payments_per_s: float = 200.0
    """Unique payments at the busiest hour of the day."""
    busiest_hour: float = 11.0
    season_depth: float = 0.6
    """How much of the busiest hour's volume is missing twelve hours later."""
    success_rate: float = 0.92
    rho: float = 0.003
    """Intra-class correlation of the outcomes in one cell and tick: overdispersion."""
    capacity_range: tuple[float, float] = (1.2, 2.5)
    """Capacity of a route as a multiple of its load at the busiest hour."""
    retry_share: float = 0.3
    """Share of the retriable failures that come back."""
    max_attempts: int = 3
    retry_after_s: tuple[float, float] = (10.0, 60.0)
    patience_s: float = math.inf
    """Customers who are made to wait so much longer than usual come back in 37 % of the cases."""
    read_timeout_share: float = 0.3
    """Share of the time-outs after which nobody knows whether the payment went through."""
    late: LateReports | None = None
    currency: str = "EUR"
    start: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    """Start of the first live increment, a Monday morning; history ends here."""
    tick_s: float = 5.0
    history_ticks: int = 360

    @property
    def networks(self) -> tuple[str, ...]:
        """Networks, each once."""
        return tuple(dict.fromkeys(network for _, network, _ in self.combos))

    @classmethod
    def of_5000_cells(cls) -> Self:
        """Make the large world for measurements: 50 issuers and 1,000 payments a second."""
        return replace(cls.with_issuers(50), payments_per_s=1000.0)

    @classmethod
    def with_issuers(cls, count: int) -> Self:
        """Make a world of this many issuers, each with 100 cells.

        Raises:
            SettingsError: there are not so many names.
        """
        return replace(cls(), issuers=_issuers(count))
