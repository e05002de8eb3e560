"""A route that could carry payments: its room, its success and what it is able to take."""

from collections.abc import Collection
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from payments.money import Currency
from payments.quantity import Fraction
from payments.segment import Segment

_Amount = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]


class Route(BaseModel):
    """What is known about one route (PSP, acquirer, gateway) that could carry payments."""

    model_config = ConfigDict(frozen=True)

    name: str
    capacity_per_s: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] | None
    """Attempts a second that the route is contracted for; None when unknown."""
    load_per_s: _Amount
    """Attempts a second over the last window."""
    success_rate: Fraction | None
    """Over the last window; None without attempts."""
    scope_success: Fraction | None = None
    """What the payments that were asked about should have there: their usual success on this route, less what
    it loses now beyond chance; None when nobody can say."""
    fee_bps: _Amount = 0.0
    """Fee in basis points of the amount."""
    methods: tuple[str, ...] = ()
    """Methods the route can carry; empty means all."""
    currencies: tuple[Currency, ...] = ()
    """Currencies the route can settle; empty means all."""
    countries: tuple[str, ...] = ()
    """Countries whose payments the route may take; empty means all."""
    committed_share: Fraction | None = None
    """Least share of the month's payments that the contract promises to the route; None without a promise."""
    share_to_date: Fraction | None = None
    """Share of the month's payments that it has had so far; None when nobody counts."""

    def free_per_s(self, load_limit: float) -> float | None:
        """Give the attempts a second that fit below this share of the capacity; None when unknown."""
        if self.capacity_per_s is None:
            return None
        return max(0.0, load_limit * self.capacity_per_s - self.load_per_s)

    def carries(
        self,
        methods: Collection[str],
        countries: Collection[str] | None = None,
        currency: str | None = None,
    ) -> bool:
        """Say whether the route can carry payments of each of these methods and countries in the currency.

        No method or country named means every one there is; None means that nobody asks.
        """
        asked = [(self.methods, methods)]
        asked += [] if countries is None else [(self.countries, countries)]
        asked += [] if currency is None else [(self.currencies, (currency,))]
        return all(not able or (bool(needed) and set(needed) <= set(able)) for able, needed in asked)

    def carries_scope(self, scope: Segment, source: "Route | None", currency: str | None = None) -> bool:
        """Say whether the route can carry what a scope names, and where it is silent all that its source can.

        The currency is that of the feed; None when it is not known.
        """
        method, country = scope.role("method"), scope.role("country")
        methods = (method,) if method is not None else source.methods if source else ()
        countries = (country,) if country is not None else source.countries if source else ()
        return self.carries(methods, countries, currency)
