"""What a database, a metrics server or a queue must answer to become a source."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from payments.errors import StorageError

if TYPE_CHECKING:
    import pyarrow as pa

TICK, CODE, BIN = "tick", "code", "bin"
ATTEMPTS, SUCCESSES, PENDING, PAYMENTS, AMOUNT = "attempts", "successes", "pending", "payments", "amount"
UNKNOWN, CURRENCY = "unknown", "currency"


def dimension(place: int) -> str:
    """Name the column that holds an attribute's values: what attributes are called is not ours to choose.

    >>> dimension(0)
    'd0'
    """
    return f"d{place}"


class SourceDown(StorageError):  # noqa: N818 - named for what it is
    """Raised when a source does not answer, or not as it must; asking again later may help."""


@dataclass(frozen=True)
class Stretch:
    """A stretch of time in ticks, in microseconds since 1970; the end is not part of it."""

    since_us: int
    until_us: int
    tick_us: int


class Reader(Protocol):
    """Counts payments by increment and cell.

    A table of counts has one row for each increment, cell, code and latency bin that has payments: `tick`
    (its start, microseconds since 1970), `d0`, `d1`, ... (values of the attributes), `code` (empty where
    nothing failed), `bin` (of the latency histogram; -1 where no latency is known), `attempts`, `successes`
    and `pending`; `payments` and `amount` where they are known, `currency` of the amounts, and, where rows
    are single payments, `unknown` (rows left out because their outcome is no known word).
    """

    @property
    def feed(self) -> str:
        """Identity of what is read, without anything secret."""

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of the dimensions."""

    def counts(self, stretch: Stretch) -> "pa.Table":
        """Count a stretch of time.

        Raises:
            SourceDown: it does not answer, or not as it must.
        """

    def totals(self, stretch: Stretch) -> "pa.Table":
        """Count the attempts of each increment, as `tick` and `attempts`.

        Raises:
            SourceDown: it does not answer, or not as it must.
        """

    def collect_notes(self) -> tuple[str, ...]:
        """Give what people should know of what was read since the last call."""

    def close(self) -> None:
        """Let go of the connection."""
