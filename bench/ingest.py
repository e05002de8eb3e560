"""How fast embedded ClickHouse takes payments in, and how long the query of a tick takes over ten million."""

import resource
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv, parquet

from bench.options import Measurement
from payments.window import Window
from tools.sources.clickhouse.embedded import Embedded
from tools.sources.clickhouse.loading import Loader
from tools.sources.clickhouse.reader import ClickHouseReader, make_tables
from tools.sources.mapping import ColumnMap
from tools.sources.sql.table import Given
from tools.sources.stream.pace import micros
from tools.sources.stream.reader import Stretch
from tools.sources.stream.windows import Assembler

T = TypeVar("T")
Shares = npt.NDArray[np.float64]

PAYMENTS, PAYMENTS_QUICK = 10_000_000, 200_000
FILE_ROWS = 1_000_000
SPAN_S = 3_600
"""All payments fall into one hour: 2,778 a second."""
WINDOW_S, TICK_S = 60, 5
QUERIES = 30

OWN = ColumnMap(
    time="ts", success="outcome", dims=("psp", "method", "issuer", "network", "country"), code="code",
    latency_ms="latency_ms", amount="amount", payment_id="payment_id", attempt_no="attempt_no",
)  # fmt: skip
"""What the columns of the payments table mean to somebody who maps it as a table of his own."""

_SHARES = {
    "psp": [0.3, 0.25, 0.2, 0.15, 0.07, 0.03],
    "method": [0.5, 0.3, 0.12, 0.08],
    "network": [0.45, 0.35, 0.2],
    "country": [0.7, 0.2, 0.1],
}
_ISSUERS, _MERCHANTS, _CODES = 40, 20, 20
_SUCCESS_RATE = 0.9
_START_US = 1_795_255_200_000_000


class Took(NamedTuple):
    """Wall and processor time of something, in seconds."""

    wall_s: float
    cpu_s: float


def measure(given: Namespace) -> dict[str, object]:
    """Load files of payments as a user does, then ask for ticks as a watch does."""
    payments = PAYMENTS_QUICK if given.quick else given.payments
    with TemporaryDirectory(dir=given.folder) as folder:
        files = _files(Path(folder), payments, given.form, given.seeds[0])
        with closing(Embedded(Path(folder) / "clickhouse")) as engine:
            make_tables(engine)
            loader = Loader(engine, "bench")
            loading = [_timed(partial(loader.load, file, None)) for file in files]
            again, repeated = _timed(partial(loader.load, files[0], None))
            reports = [report for _, report in loading]
            _check(sum(report.valid for report in reports) == payments, "payments are missing")
            _check(repeated.valid == 0, "what was loaded again was counted twice")
            queries = _queries(engine, QUERIES)
    wall_s, cpu_s = (sum(took[place] for took, _ in loading) for place in (0, 1))
    return {
        "payments": payments,
        "form": given.form,
        "rows_per_s": payments / wall_s,
        "loading_s": wall_s,
        "loading_cpu_s_per_million": cpu_s / payments * 1e6,
        "again_rows_per_s": repeated.rows / again.wall_s,
        **queries,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _queries(engine: Embedded, repeat: int) -> dict[str, object]:
    """Time the query of the last minute and that of one increment, over cells and over single payments."""
    found: dict[str, object] = {}
    for name, reader in {
        "": ClickHouseReader(engine, None, None, TICK_S),
        "raw_": ClickHouseReader(engine, Given("payments"), OWN, TICK_S),
    }.items():
        for words, length_s in (("", WINDOW_S), ("increment_", TICK_S)):
            took, rows = _asked(reader, length_s, repeat)
            found[f"{name}{words}tick_query_ms_p50"] = 1e3 * float(np.median([one.wall_s for one in took]))
            found[f"{name}{words}tick_query_cpu_ms_p50"] = 1e3 * float(np.median([one.cpu_s for one in took]))
            found[f"{name}{words}tick_rows"] = rows
    return found


def _asked(reader: ClickHouseReader, length_s: int, repeat: int) -> tuple[Sequence[Took], int]:
    """Ask for the last stretches of what is stored, each another one, as windows."""
    assembler = Assembler(reader.attributes)
    length_us = length_s * 10**6
    last_us = micros(reader.span()[1]) // length_us * length_us
    took, rows = [], 0
    for back in range(repeat):
        until_us = last_us - back * length_us
        stretch = Stretch(until_us - length_us, until_us, length_us)
        one, window = _timed(partial(_ask, reader, assembler, stretch))
        took.append(one)
        rows = int(window.attempts.sum())
    return took, rows


def _ask(reader: ClickHouseReader, assembler: Assembler, stretch: Stretch) -> Window:
    return next(assembler.windows(reader.counts(stretch), stretch))


def _check(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not holds:
        raise RuntimeError(otherwise)


def _timed(do: Callable[[], T]) -> tuple[Took, T]:
    wall, cpu = time.perf_counter(), time.process_time()
    done = do()
    return Took(time.perf_counter() - wall, time.process_time() - cpu), done


def _files(folder: Path, payments: int, form: str, seed: int) -> list[Path]:
    files = []
    for number, first in enumerate(range(0, payments, FILE_ROWS)):
        rows = min(FILE_ROWS, payments - first)
        file = folder / f"payments-{number:03}.{form}"
        table = _payments(first, rows, payments, np.random.default_rng([seed, number]))
        csv.write_csv(table, file) if form == "csv" else parquet.write_table(table, file)
        sys.stderr.write(f"\rmade {first + rows:,} of {payments:,} payments")
        files.append(file)
    sys.stderr.write("\n")
    return files


def _payments(first: int, rows: int, payments: int, random: np.random.Generator) -> pa.Table:
    """Draw payments in the order of their time: a few common cells, many rare ones, log-normal latencies."""
    number = np.arange(first, first + rows)
    time_us = _START_US + number * (SPAN_S * 10**6) // payments
    success = random.random(rows) < _SUCCESS_RATE
    codes = np.array([f"U{code:02}" for code in range(_CODES)])[random.integers(0, _CODES, rows)]
    return pa.table({
        "ts": pa.array(time_us // 1000, pa.timestamp("ms", "UTC")),
        "payment_id": [f"pay_{one:012}" for one in number.tolist()],
        "attempt_no": np.ones(rows, dtype=np.int64),
        "merchant": _drawn("merchant", _zipf(_MERCHANTS), rows, random),
        **{name: _drawn(name, np.array(shares), rows, random) for name, shares in _SHARES.items()},
        "issuer": _drawn("issuer", _zipf(_ISSUERS), rows, random),
        "amount": random.integers(100, 500_000, rows),
        "currency": pa.array(["INR"]).take(pa.array(np.zeros(rows, dtype=np.int64))),
        "outcome": np.where(success, "success", "failed"),
        "code": np.where(success, "", codes),
        "latency_ms": np.round(np.exp(random.normal(6.0, 0.5, rows)), 1),
    })  # fmt: skip


def _zipf(values: int) -> Shares:
    weights = 1.0 / np.arange(1, values + 1, dtype=np.float64)
    shares: Shares = weights / weights.sum()
    return shares


def _drawn(name: str, shares: Shares, rows: int, random: np.random.Generator) -> pa.Array:
    names = pa.array([f"{name}_{value:02}" for value in range(len(shares))])
    return names.take(pa.array(random.choice(len(shares), size=rows, p=shares)))


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--payments", type=int, default=PAYMENTS, metavar="N", help="how many (10,000,000)")
    parser.add_argument("--form", choices=("csv", "parquet"), default="csv", help="of the files (csv)")
    parser.add_argument(
        "--folder", type=Path, default=None, metavar="DIR", help="where to work (a temporary one)"
    )


MEASUREMENT = Measurement(
    words="Loads payments into embedded ClickHouse from files, then times the query of a tick.",
    add_options=_options,
    measure=measure,
    seeds=range(1),
)
