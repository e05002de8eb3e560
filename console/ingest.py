"""`run.py ingest`: loads files of payments into ClickHouse, embedded or a server."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from console.feeds import open_engine
from console.outside import new_id
from console.progress import reading
from console.settings import load_settings
from payments.errors import InputError
from tools.sources.address import parse_address

STDIN = "-"
_CHUNK_BYTES = 1 << 20


def ingest(file: str, mapping: str | None, into: str, config: Path | None) -> None:
    """Load a file, or standard input, and say what became of its rows."""
    from tools.sources.clickhouse.loading import Loader
    from tools.sources.clickhouse.reader import make_tables
    from tools.sources.mapping import load_mapping

    settings = load_settings(config)
    address = parse_address(into)
    if not address.scheme.startswith(("chdb", "clickhouse")):
        raise InputError(f"Payments are loaded into chdb or clickhouse://..., not into {address.scheme}.")
    columns = load_mapping(mapping) if mapping else None
    with _file(file) as path, closing(open_engine(address, settings)) as engine, reading(file) as on_rows:
        make_tables(engine)
        report = Loader(engine, new_id()).load(path, columns, file, on_rows)
    lines = [report.sentence(), *report.notes, *(str(problem) for problem in report.problems)]
    sys.stderr.write("".join(f"{line}\n" for line in lines))


@contextmanager
def _file(file: str) -> Iterator[Path]:
    """Give the file; what comes from standard input is put into one of the ending that it looks like."""
    if file != STDIN:
        yield Path(file)
        return
    stream = sys.stdin.buffer
    first = stream.read(_CHUNK_BYTES)
    with NamedTemporaryFile(prefix="payments-", suffix=_ending(first)) as kept:
        while first:
            kept.write(first)
            first = stream.read(_CHUNK_BYTES)
        kept.flush()
        yield Path(kept.name)


def _ending(first: bytes) -> str:
    """Tell what kind of file begins like this."""
    if first.startswith(b"PAR1"):
        return ".parquet"
    kind = ".jsonl" if first.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else ".csv"
    return f"{kind}.gz" if first.startswith(b"\x1f\x8b") else kind
