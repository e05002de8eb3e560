"""A fleet of payment segments without faults: Zipf volumes, day and week, drift, more scatter than a coin."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from payments.quantity import Counts, Floats
from payments.window import LATENCY_BINS, LATENCY_EDGES_MS, Cells, Window

START = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday."""

VALUES = (("psp", 8), ("method", 5), ("issuer", 30), ("merchant", 40))
"""Attributes and how many values each has."""
CODES = ("51", "05", "68")
"""Insufficient funds, do not honor, response received too late; the last is technical."""
CODE_SHARES = np.array([0.45, 0.3, 0.25])
KNOT_H = 6
"""Hours between the points of the drift, which runs straight between them."""
BATCH_TICKS = 15
"""Ticks drawn at once, with the season of the first."""

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class FleetSettings:
    """How large the fleet is and how restless."""

    leaves: int = 2_000
    values: tuple[tuple[str, int], ...] = VALUES
    attempts_per_tick: float = 20_000.0
    """Of all leaves together, averaged over a day."""
    tick_s: float = 60.0
    rho: float = 0.003
    """Intra-class correlation of failures in a leaf and tick."""
    rate_season: float = 0.08
    """Amplitude of the day in the log odds of failure."""
    drift: float = 0.05
    """Standard deviation of the slow drift of each attribute value, in log odds."""
    drift_days: float = 3.0
    """Days after which a drift has forgotten 63 %."""
    volume_scatter: float = 0.07
    """Coefficient of variation of a leaf's volume from tick to tick, beyond Poisson."""
    with_codes: bool = True
    with_payments: bool = True
    with_latency: bool = True

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of values of each attribute."""
        return tuple(size for _, size in self.values)


@dataclass(frozen=True)
class Batch:
    """Consecutive ticks: shape (ticks, leaves)."""

    first: int
    attempts: Counts
    failures: Counts


@dataclass(frozen=True)
class Fleet:
    """One drawn fleet; the same seed gives the same fleet and, with the same generator, the same traffic."""

    settings: FleetSettings
    cells: Cells
    coded: Rows
    """Value number of each attribute: shape (leaves, attributes)."""
    share: Floats
    """Part of the attempts: shape (leaves,), sums to 1."""
    logit: Floats
    """Log odds of failure at rest: shape (leaves,)."""
    drift: tuple[Floats, ...]
    """Drift of each attribute's values at the knots: shapes (knots, values)."""
    phase: Floats
    """Hour at which the day's failures of a leaf begin to rise: shape (leaves,)."""
    median_ms: Floats
    """Shape (leaves,)."""

    @staticmethod
    def draw(seed: int, weeks: float, settings: FleetSettings) -> "Fleet":
        """Draw a fleet with a drift of so many weeks."""
        rng, sizes = np.random.default_rng([seed, 1]), settings.sizes
        coded = _leaves(settings, rng)
        popular = np.sum([_popularity(size)[coded[:, place]] for place, size in enumerate(sizes)], axis=0)
        order = np.argsort(-(popular + rng.normal(0.0, 0.7, settings.leaves)))
        share = np.empty(settings.leaves)
        share[order] = 1.0 / np.arange(1, settings.leaves + 1)
        effects = [rng.normal(0.0, 0.25, size)[coded[:, place]] for place, size in enumerate(sizes)]
        # Leaves of one value of the third attribute (the issuer) have their bad hours together.
        phases = rng.uniform(0.0, 24.0, sizes[2])
        return Fleet(
            settings=settings,
            cells=_cells(settings, coded),
            coded=coded,
            share=share / share.sum(),
            logit=-2.3 + np.sum(effects, axis=0),
            drift=tuple(_drift(size, weeks, settings, rng) for size in sizes),
            phase=phases[coded[:, 2]],
            median_ms=np.exp(rng.normal(6.3, 0.4, sizes[0]))[coded[:, 0]],
        )

    def mean_attempts(self, tick: int) -> Floats:
        """Give the expected attempts of each leaf in a tick."""
        hour = self._hour(tick)
        day = 1.0 + 0.75 * np.sin(2.0 * np.pi * (hour - 8.0) / 24.0)
        weekend = 0.8 if hour // 24 % 7 >= 5 else 1.0  # noqa: PLR2004 - Saturday is day 5
        return np.asarray(self.settings.attempts_per_tick * day * weekend * self.share)

    def failure_logit(self, tick: int) -> Floats:
        """Give the log odds of the expected share of failures of each leaf in a tick."""
        hour = self._hour(tick)
        season = self.settings.rate_season * np.sin(2.0 * np.pi * (hour - self.phase) / 24.0)
        knot, between = divmod(hour / KNOT_H, 1.0)
        at = int(knot)
        drift = [
            ((1.0 - between) * line[at] + between * line[at + 1])[self.coded[:, place]]
            for place, line in enumerate(self.drift)
        ]
        shifted: Floats = self.logit + season + np.sum(drift, axis=0)
        return shifted

    def batch(self, first: int, ticks: int, rng: np.random.Generator, shift: Floats | None = None) -> Batch:
        """Draw consecutive ticks; `shift` is added to the log odds of failure of each leaf."""
        settings, shape = self.settings, (ticks, self.settings.leaves)
        mean = np.broadcast_to(self.mean_attempts(first), shape)
        scatter = settings.volume_scatter**-2
        attempts = rng.poisson(mean * rng.gamma(scatter, 1.0 / scatter, shape))
        logit = self.failure_logit(first)
        rate = expit(logit if shift is None else logit + shift)
        a, b = beta_shape(rate, settings.rho)
        failures = rng.binomial(attempts, rng.beta(a, b, shape))
        return Batch(first, attempts, failures)

    def window(self, batch: Batch, place: int, rng: np.random.Generator) -> Window:
        """Give one tick of a batch as the increment that a monitor reads."""
        attempts, failures = batch.attempts[place], batch.failures[place]
        settings = self.settings
        start = START + timedelta(seconds=settings.tick_s * (batch.first + place))
        by_code = rng.multinomial(failures, CODE_SHARES) if settings.with_codes else None
        return Window(
            start=start,
            duration_s=settings.tick_s,
            cells=self.cells,
            attempts=attempts,
            successes=attempts - failures,
            pending=np.zeros_like(attempts),
            payments=attempts - rng.binomial(attempts, 0.1) if settings.with_payments else None,
            codes=CODES if settings.with_codes else (),
            failures_by_code=by_code,
            latency=self._latency(attempts, rng) if settings.with_latency else None,
        )

    def _hour(self, tick: int) -> float:
        return tick * self.settings.tick_s / 3600.0

    def _latency(self, attempts: Counts, rng: np.random.Generator) -> Counts:
        leaf = np.repeat(np.arange(len(attempts)), attempts)
        spread = rng.standard_normal(len(leaf), dtype=np.float32)
        log_ms = np.log(self.median_ms).astype(np.float32)[leaf] + np.float32(0.6) * spread
        step = float(np.log(LATENCY_EDGES_MS[1] / LATENCY_EDGES_MS[0]))
        place = np.floor((log_ms - np.float32(np.log(LATENCY_EDGES_MS[0]))) / np.float32(step)) + 1.0
        bins = np.clip(place, 0, LATENCY_BINS - 1).astype(np.intp)
        table = np.bincount(leaf * LATENCY_BINS + bins, minlength=len(attempts) * LATENCY_BINS)
        return table.reshape(len(attempts), LATENCY_BINS)


def expit(logit: Floats) -> Floats:
    """Give the probability of log odds."""
    share: Floats = 1.0 / (1.0 + np.exp(-logit))
    return share


def beta_shape(rate: Floats, rho: float) -> tuple[Floats, Floats]:
    """Give both parameters of the beta distribution with a mean and an intra-class correlation."""
    size = 1.0 / rho - 1.0
    return rate * size, (1.0 - rate) * size


def _cells(settings: FleetSettings, coded: Rows) -> Cells:
    names = [name for name, _ in settings.values]
    keys = [tuple(f"{name}{value}" for name, value in zip(names, row, strict=True)) for row in coded.tolist()]
    return Cells(attributes=tuple(names), keys=tuple(keys))


def _popularity(count: int) -> Floats:
    """Give the logarithm of the Zipf share of each value of an attribute."""
    weight = 1.0 / np.arange(1, count + 1)
    return np.asarray(np.log(weight / weight.sum()))


def _softened(logarithms: Floats) -> Floats:
    weight = np.exp(0.5 * logarithms)
    share: Floats = weight / weight.sum()
    return share


def _leaves(settings: FleetSettings, rng: np.random.Generator) -> Rows:
    """Draw different combinations of values, popular ones more often; shape (leaves, attributes)."""
    drawn, count = np.zeros((0, len(settings.values)), dtype=np.intp), settings.leaves
    while len(drawn) < count:
        columns = [rng.choice(size, count, p=_softened(_popularity(size))) for size in settings.sizes]
        together = np.concatenate([drawn, np.stack(columns, axis=1)])
        _, first = np.unique(together, axis=0, return_index=True)
        drawn = together[np.sort(first)]
    return drawn[:count]


def _drift(values: int, weeks: float, settings: FleetSettings, rng: np.random.Generator) -> Floats:
    """Draw an Ornstein-Uhlenbeck path of each value at the knots: shape (knots, values)."""
    knots = int(weeks * 7 * 24 / KNOT_H) + 3
    keep = float(np.exp(-KNOT_H / (24.0 * settings.drift_days)))
    steps = rng.normal(0.0, settings.drift, (knots, values))
    path = np.empty_like(steps)
    path[0] = steps[0]
    for knot in range(1, knots):
        path[knot] = keep * path[knot - 1] + np.sqrt(1.0 - keep**2) * steps[knot]
    return path
