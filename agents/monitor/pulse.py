"""The last increment rolled up for people, beside what the baseline expects of its attempts."""

import numpy as np
from scipy import sparse

from agents.monitor.counts import Tick
from agents.monitor.grow import Reals
from agents.monitor.kinds import FAILURES, PENDING
from agents.monitor.latency import Samples
from agents.monitor.learned import Learned
from agents.monitor.members import Members
from agents.monitor.streams import Rows
from payments.pulse import PULSE_COLUMNS, Pulse, Rolled
from payments.quantity import Floats
from payments.segment import Segment, role_of
from payments.window import LATENCY_BINS

WIDE_AT_MOST, PAIRS_AT_MOST = 400, 1_500
"""Segments that are shown; of more, the first ones seen."""
USUAL_EVERY = 120
"""Increments after which the learned latencies are told anew."""
SHOWN_PAIR = ("issuer", "route")


class Roller:
    """Rolls increments up; what the segments are is worked out anew only when cells join."""

    def __init__(self, learned: Learned) -> None:
        self._learned = learned
        self._cells = -1
        self._wide: tuple[Segment, ...] = ()
        self._pairs: tuple[Segment, ...] = ()
        self._wide_streams: Rows = np.zeros(0, dtype=np.intp)
        self._pair_streams: Rows = np.zeros(0, dtype=np.intp)
        self._shown = learned.streams.of_wide
        """The cells of each segment, wide ones and pairs."""
        self._rolled = 0

    def roll(self, tick: Tick, samples: Samples, tick_s: float) -> Pulse:
        """Roll up the newest increment."""
        grown = self._cells != self._learned.streams.cells
        if grown:
            self._sort_out()
        usual = grown or self._rolled % USUAL_EVERY == 0
        self._rolled += 1
        sums = self._shown.sums(self._columns(tick))
        wide, pairs = sums[: len(self._wide)], sums[len(self._wide) :]
        return Pulse(
            start=tick.start,
            duration_s=tick_s,
            wide=self._wide,
            pairs=self._pairs,
            wide_counts=self._counts(wide, self._wide_streams, self._volume_phi(wide[:, -1])),
            pair_counts=self._counts(pairs, self._pair_streams, None),
            latency=self._latency(samples),
            usual_latency=self._usual_latency() if usual else None,
        )

    def _sort_out(self) -> None:
        streams = self._learned.streams
        self._cells = streams.cells
        self._wide_streams = streams.wide[:WIDE_AT_MOST]
        roles = [role_of(name) for name in streams.attributes or ()]
        pair = tuple(sorted(roles.index(role) for role in SHOWN_PAIR if role in roles))
        place = streams.combinations.index(pair) if len(pair) == len(SHOWN_PAIR) else None
        member = streams.member[:, place] if place is not None else np.zeros(0, dtype=np.intp)
        self._pair_streams, pair_of = np.unique(member, return_inverse=True)
        self._wide = tuple(streams.segment(int(stream)) for stream in self._wide_streams)
        self._pairs = tuple(streams.segment(int(stream)) for stream in self._pair_streams[:PAIRS_AT_MOST])
        at = (pair_of, np.arange(len(member)))
        shape = (len(self._pair_streams), self._cells)
        by_pair = sparse.csr_array((np.ones(len(member)), at), shape=shape)[: len(self._pairs)]
        by_value = streams.wide_matrix[: len(self._wide)]
        self._shown = Members(sparse.vstack([by_value, by_pair], format="csr"), np.float64)

    def _columns(self, tick: Tick) -> Floats:
        """Give attempts, bad, expected failures and pending, least and most attempts: shape (cells, 6)."""
        columns = np.zeros((self._cells, 6))
        attempts, counts = tick.attempts.full(), tick.counts.full()
        rates = self._learned.baseline.rates[: tick.cells]
        columns[: tick.cells, 0] = attempts
        columns[: tick.cells, 1] = counts[:, FAILURES] + counts[:, PENDING]
        columns[: tick.cells, 2] = attempts * rates[:, FAILURES]
        columns[: tick.cells, 3] = attempts * rates[:, PENDING]
        columns[:, 4], columns[:, 5] = self._learned.volume.levels()
        return columns

    def _counts(self, sums: Floats, streams: Rows, volume_phi: Floats | None) -> Rolled:
        streams = streams[: len(sums)]
        known = self._learned.enough
        rolled = np.full((len(sums), PULSE_COLUMNS), np.nan, dtype=np.float32)
        rolled[:, :2] = sums[:, :2]
        if known:
            rolled[:, 2], rolled[:, 3] = self._bad(sums, streams)
        if known and self._learned.volume.judges:
            rolled[:, 4:6] = sums[:, 4:6]
            if volume_phi is not None:
                rolled[:, 6] = sums[:, 5] * volume_phi[: len(sums)]
        return rolled

    def _bad(self, sums: Floats, streams: Rows) -> tuple[Floats, Floats]:
        """Give how many bad outcomes to expect and their variance, with what streams add to their cells."""
        baseline = self._learned.baseline
        attempts = sums[:, 0]
        failing, pending = (baseline.correction[streams, column] for column in (FAILURES, PENDING))
        expected = sums[:, 2] * failing + sums[:, 3] * pending
        expected = np.minimum(expected, attempts)
        rho = baseline.dispersion.rho[streams, FAILURES] + baseline.uncertain[streams, FAILURES]
        fair = expected * (1.0 - expected / np.maximum(attempts, 1.0))
        return expected, fair * (1.0 + np.maximum(attempts - 1.0, 0.0) * rho)

    def _volume_phi(self, forecast: Floats) -> Floats:
        volume, wide = self._learned.volume, len(self._learned.streams.wide)
        mean = np.zeros((wide, 1))
        mean[: len(forecast), 0] = forecast
        return volume.phi(mean)[:, 0]

    def _latency(self, samples: Samples) -> Rolled:
        places = self._learned.streams.wide_places[samples.cells]
        shown = len(self._wide)
        flat = (places * LATENCY_BINS + samples.bins[:, None]).ravel()
        weights = np.repeat(samples.counts, places.shape[1])
        total = np.bincount(flat, weights, len(self._learned.streams.wide) * LATENCY_BINS)
        return total.reshape(-1, LATENCY_BINS)[:shown].astype(np.float32)

    def _usual_latency(self) -> Rolled:
        latency = self._learned.latency
        learned: Reals = latency.placing + latency.counting
        sums = np.asarray(self._learned.streams.wide_matrix @ learned)[: len(self._wide)]
        return sums.astype(np.float32)
