"""Payments that a team counts in Prometheus: one counter, with labels for the outcome and the dimensions."""

from collections import Counter
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from payments.errors import BadMapping
from payments.segment import role_of
from tools.sources.address import Address
from tools.sources.mapping import ColumnMap, given_mapping
from tools.sources.prometheus.api import Api, open_api
from tools.sources.prometheus.counters import Counters
from tools.sources.stream.reader import (
    ATTEMPTS,
    BIN,
    CODE,
    PENDING,
    SUCCESSES,
    TICK,
    UNKNOWN,
    Stretch,
    dimension,
)
from tools.sources.stream.rows import table_of
from tools.sources.values import FAILURE, SUCCESS, outcome
from tools.sources.values import PENDING as IS_PENDING

if TYPE_CHECKING:
    import pyarrow as pa

METRIC: Final = "payments_total"
_PATIENCE = 1.2
"""Scrapes may come this much later than their interval."""


def open_prometheus(
    address: Address, password: str, metric: str | None, mapping: str | None, tick_s: float
) -> "PrometheusReader":
    """Open a counter of a server; labels with common names are recognised.

    Raises:
        BadMapping: there is no such metric or label, or the increments are shorter than the scrapes.
        SourceDown: the server does not answer.
    """
    api = open_api(address, password)
    try:
        return _checked(api, metric or METRIC, mapping, tick_s)
    except BaseException:
        api.client.close()
        raise


def _checked(api: Api, name: str, mapping: str | None, tick_s: float) -> "PrometheusReader":
    labels = api.labels(name)
    if not labels:
        near = get_close_matches(name, api.names(), n=3, cutoff=0.4)
        hint = f"; there are {', '.join(near)}" if near else ""
        raise BadMapping(
            f"Prometheus at {api.place} has no series {name!r} with labels{hint}: name it with --table."
        )
    found = ColumnMap.of({"time": "time", **given_mapping(mapping)}) if mapping else _recognised(labels)
    found.check(("time", *labels))
    scrape_s = api.scrape_s(name)
    if scrape_s is not None and scrape_s > _PATIENCE * tick_s:
        raise BadMapping(
            f"{name} is scraped every {scrape_s:.0f} s and TICK_SEC is {tick_s:g}: an increment is at least "
            "as long as the time between scrapes."
        )
    return PrometheusReader(api, name, found)


def _recognised(labels: tuple[str, ...]) -> ColumnMap:
    dims = [label for label in labels if role_of(label) != "other" and label.lower() != "bin"]
    success = next((label for label in labels if label in {"outcome", "status", "result", "success"}), None)
    if success is None or not dims:
        raise BadMapping(
            "The labels are not recognised; say which is which with --map success=..,dims=..; there are "
            f"{', '.join(labels)}."
        )
    code = {"code": "code"} if "code" in labels else {}
    return ColumnMap.of({"time": "time", "success": success, "dims": dims, **code})


class PrometheusReader:
    """Implements `Reader` over one counter."""

    def __init__(self, api: Api, metric: str, mapping: ColumnMap) -> None:
        self._api, self._metric, self._mapping = api, metric, mapping
        self._counters = Counters()
        self.attributes = mapping.dims
        self.feed = f"prometheus:{api.place}/{metric}"

    def counts(self, stretch: Stretch) -> "pa.Table":
        """Count what the series grew by in each increment."""
        steps = (stretch.until_us - stretch.since_us) // stretch.tick_us
        series = self._api.series(
            self._metric, stretch.since_us / 1e6, stretch.until_us / 1e6, stretch.tick_us / 1e6
        )
        grown: Counter[tuple[int, tuple[str, ...], str, int]] = Counter()
        for labels, growth in self._counters.growth(series, steps):
            cell, code, kind = self._meaning(dict(labels))
            grown[growth.step, cell, code if kind == FAILURE else "", kind] += growth.by  # type: ignore[assignment]
        names = [TICK, *(dimension(place) for place in range(len(self.attributes))), CODE, BIN]
        rows = [
            (stretch.since_us + step * stretch.tick_us, *cell, code, -1, *_measures(kind, round(by)))
            for (step, cell, code, kind), by in grown.items()
        ]
        return table_of([*names, ATTEMPTS, SUCCESSES, PENDING, UNKNOWN], rows)

    def totals(self, stretch: Stretch) -> "pa.Table":
        """Give nothing: what is scraped is never late."""
        return table_of([TICK, ATTEMPTS], [])

    def collect_notes(self) -> tuple[str, ...]:
        """Say what could not be placed in time."""
        unplaced, self._counters.unplaced = round(self._counters.unplaced), 0.0
        if not unplaced:
            return ()
        return (f"{unplaced:,} payments were counted while nothing was scraped: they are left out",)

    def close(self) -> None:
        """Let go of the connections."""
        self._api.client.close()

    def _meaning(self, labels: Mapping[str, str]) -> tuple[tuple[str, ...], str, int]:
        mapping = self._mapping
        try:
            kind = outcome(labels.get(mapping.success, ""))
        except ValueError:
            kind = _UNKNOWN
        code = "" if mapping.code is None else labels.get(mapping.code, "")
        return tuple(labels.get(name, "") for name in mapping.dims), code, kind


_UNKNOWN = -1


def _measures(kind: int, count: int) -> tuple[int, int, int, int]:
    """Give attempts, successes, pending and unknown of so many payments of one outcome."""
    known = 0 if kind == _UNKNOWN else count
    return known, known * (kind == SUCCESS), known * (kind == IS_PENDING), count - known
