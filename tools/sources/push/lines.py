"""JSON lines of payments, or of windows counted elsewhere, as rows to keep."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from payments.errors import InvalidWindow
from payments.window import Window
from tools.sources.json_lines import json_text, objects_in
from tools.sources.mapping import ColumnMap
from tools.sources.push.spool import Received
from tools.sources.report import Report
from tools.sources.rows import RowReader
from tools.sources.stream.pace import instant, micros
from tools.sources.tables import Chunk
from tools.sources.values import NO_CURRENCY, currency_of

DIMENSIONS = ("psp", "method", "issuer", "network", "country")

PAYMENTS = ColumnMap(
    time="ts", success="outcome", dims=DIMENSIONS, code="code", latency_ms="latency_ms", amount="amount",
    currency="currency", payment_id="payment_id", attempt_no="attempt_no",
)  # fmt: skip
"""What the keys of a payment are called without a mapping."""

_AHEAD = timedelta(minutes=5)
"""How far a sender's clock may be ahead of ours."""


@dataclass(frozen=True)
class Lines:
    """Reads what is sent by one mapping; bad lines go to a report."""

    mapping: ColumnMap
    tick_s: float
    clock: Callable[[], datetime]
    oldest_us: Callable[[], int]
    """Before this instant nothing is taken any more."""

    def payments(self, body: bytes, report: Report) -> list[Received]:
        """Read one payment a line."""
        return self.attempts(_objects(body, report), report)

    def attempts(self, objects: Iterator[tuple[int, Mapping[str, Any]]], report: Report) -> list[Received]:
        """Read payments that are JSON objects already, with their lines."""
        named = {column for _, column in self.mapping.named()}
        number = self.mapping.attempt_no
        lines, rows = [], []
        for line, found in objects:
            row = {name: json_text(found.get(name)) for name in named}
            if number is not None:
                row[number] = row[number] or "1"
            if self.mapping.payment_id is not None and not row[self.mapping.payment_id]:
                report.reject(line, "payment_id is empty", "payment_id is empty; it tells what comes twice")
                continue
            lines.append(line)
            rows.append(row)
        if not rows:
            return []
        reader = RowReader(self.mapping, report)
        reader.take(Chunk(lines, {name: [row[name] for row in rows] for name in named}))
        return list(self._timely(_received(reader), report))

    def windows(self, body: bytes, report: Report) -> list[Received]:
        """Read one window a line, in the form of a pasted one."""
        rows: list[Received] = []
        for line, found in _objects(body, report):
            try:
                window = Window.parse(found)
                self._check(window)
                self._check_time(micros(window.start))
            except InvalidWindow as error:
                report.reject(line, "no window", str(error))
                continue
            report.valid += 1
            rows += _parts(window, self.mapping.dims)
        return rows

    def _check(self, window: Window) -> None:
        if abs(window.duration_s - self.tick_s) > 1e-6 * self.tick_s:
            msg = f"duration_s is {window.duration_s:g}, TICK_SEC {self.tick_s:g}: they must be the same"
            raise InvalidWindow(msg)
        if unknown := set(window.cells.attributes).difference(self.mapping.dims):
            msg = f"attributes {sorted(unknown)} are not among the dimensions {list(self.mapping.dims)}"
            raise InvalidWindow(msg)

    def _timely(self, rows: Iterator[tuple[int, Received]], report: Report) -> Iterator[Received]:
        for line, row in rows:
            try:
                self._check_time(row.time_us)
            except InvalidWindow as error:
                report.valid -= 1
                report.reject(line, "time is too old or in the future", str(error))
            else:
                yield row

    def _check_time(self, time_us: int) -> None:
        is_old, is_ahead = time_us < self.oldest_us(), time_us > micros(self.clock() + _AHEAD)
        if is_old or is_ahead:
            why = "older than an hour" if is_old else "in the future"
            raise InvalidWindow(f"the time {instant(time_us).isoformat()} is {why}; check the sender's clock")


def _objects(body: bytes, report: Report) -> Iterator[tuple[int, dict[str, Any]]]:
    return objects_in(body.decode("utf-8", "replace").splitlines(), report)


def _received(reader: RowReader) -> Iterator[tuple[int, Received]]:
    columns = {name: column.tolist() for name, column in reader.columns().items()}
    cells, codes, ids = list(reader.cells), list(reader.codes), list(reader.payment_ids)
    empty = [NO_CURRENCY] * len(columns["line"])
    for row, line in enumerate(columns["line"]):
        number = columns["attempt_no"][row] if "attempt_no" in columns else 1
        failed = not columns["successes"][row] and not columns["pending"][row]
        yield (
            line,
            Received(
                id=f"{ids[columns['payment'][row]]}\x1f{number}",
                time_us=columns["time"][row],
                cell=cells[columns["cell"][row]],
                code=codes[columns["code"][row]] if failed and "code" in columns else "",
                bin=columns["latency_ms"][row] if "latency_ms" in columns else -1,
                attempts=1,
                successes=columns["successes"][row],
                pending=columns["pending"][row],
                payments=int(number == 1),
                amount=columns["amount"][row] if "amount" in columns else 0,
                currency=currency_of(columns["currency"][row]) if columns.get("currency", empty)[row] else "",
            ),
        )


def _parts(window: Window, dims: Sequence[str]) -> Iterator[Received]:
    """Split each cell of a window by code; what has no code comes first."""
    start_us = micros(window.start)
    for row, key in enumerate(window.cells.keys):
        named = dict(zip(window.cells.attributes, key, strict=True))
        cell = tuple(named.get(name, "") for name in dims)
        failed = (
            {}
            if window.failures_by_code is None
            else dict(zip(window.codes, window.failures_by_code[row].tolist(), strict=True))
        )
        rest = int(window.attempts[row]) - sum(failed.values())
        first = int((window.payments if window.payments is not None else window.attempts)[row])
        for code, attempts in {"": rest, **failed}.items():
            if not attempts:
                continue
            payments = min(first, attempts)
            first -= payments
            yield Received(
                id=json.dumps(["window", start_us, cell, code]),
                time_us=start_us,
                cell=cell,
                code=code,
                bin=-1,
                attempts=attempts,
                successes=0 if code else int(window.successes[row]),
                pending=0 if code else int(window.pending[row]),
                payments=payments,
                amount=0,
                currency="",
            )
