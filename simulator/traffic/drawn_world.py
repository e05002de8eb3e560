"""Small worlds of many kinds, drawn for episodes."""

from datetime import UTC, datetime, timedelta

import numpy as np

from simulator.traffic.config import WorldConfig

_METHODS = (("card", "visa"), ("card", "mastercard"), ("upi", "upi"), ("wallet", "wallet"), ("card", "rupay"))
_ROUTES = ("northpay", "swiftgate", "unipay", "zenpay", "eastgate")
_MERCHANTS = ("greengrocer_online", "tallyho_travel", "stride_shoes", "lumen_energy", "pixelplay_games")
_MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def draw_world(rng: np.random.Generator) -> WorldConfig:
    """Draw a world of 240 to 800 cells, quiet or busy, at some hour of some weekday."""
    combos = _METHODS[: int(rng.integers(4, 6))]
    routes = _ROUTES[: int(rng.integers(3, 5))]
    merchants = _MERCHANTS[: int(rng.integers(4, 6))]
    usual = WorldConfig.with_issuers(int(rng.integers(5, 9)))
    return WorldConfig(
        issuers=usual.issuers,
        combos=tuple((*names, share) for names, share in zip(combos, _shares(combos, rng), strict=True)),
        psps=tuple(zip(routes, _shares(routes, rng), strict=True)),
        merchants=tuple(zip(merchants, _shares(merchants, rng, 4.0), strict=True)),
        payments_per_s=float(np.exp(rng.uniform(np.log(40.0), np.log(240.0)))),
        success_rate=float(rng.uniform(0.85, 0.95)),
        rho=float(np.exp(rng.uniform(np.log(0.001), np.log(0.008)))),
        retry_share=float(rng.uniform(0.15, 0.45)),
        start=_MONDAY + timedelta(minutes=float(rng.integers(5 * 1440)), hours=0.0),
        history_ticks=180,
    )


def _shares(names: tuple[object, ...], rng: np.random.Generator, alike: float = 10.0) -> list[float]:
    """Draw shares that sum to 1; the higher `alike`, the more equal."""
    shares: list[float] = rng.dirichlet(np.full(len(names), alike)).tolist()
    return shares
