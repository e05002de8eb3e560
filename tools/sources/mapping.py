"""Which column of a file is what: `attempts=t,success=success,time=hr,dims=mid,pmt,pg`, or a TOML file."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Self

from payments.errors import BadMapping
from payments.segment import role_of

_ONLY_OF_PAYMENTS = ("payment_id", "attempt_no", "latency_ms")
_ONLY_OF_AGGREGATES = ("payments",)

_COMMON_NAMES: Mapping[str, tuple[str, ...]] = {
    "time": ("ts", "time", "timestamp", "created_at"),
    "attempts": ("attempts",),
    "success": ("outcome", "success", "successes", "status", "result"),
    "code": ("code", "error_code", "response_code", "decline_code"),
    "latency_ms": ("latency_ms",),
    "amount": ("amount",),
    "currency": ("currency",),
    "payment_id": ("payment_id",),
    "attempt_no": ("attempt_no",),
    "pending": ("pending",),
    "payments": ("payments",),
}
"""What columns are called that are recognised without a mapping; of several names the first one counts."""

_NEEDED = ("time", "success", "dims")


@dataclass(frozen=True)
class ColumnMap:
    """Names of the columns of a file, by what they hold.

    With `attempts` the rows are aggregated: `success`, `pending` and `payments` are counts. Without it each
    row is one attempt of a payment: `success` is its outcome.
    """

    time: str
    success: str
    dims: tuple[str, ...]
    """Columns that become the attributes of the cells, under their own names."""
    attempts: str | None = None
    code: str | None = None
    latency_ms: str | None = None
    amount: str | None = None
    """In minor units of the currency."""
    currency: str | None = None
    payment_id: str | None = None
    attempt_no: str | None = None
    """1 for the first attempt of a payment."""
    pending: str | None = None
    payments: str | None = None
    """Unique payments among the attempts."""

    def __post_init__(self) -> None:
        if len(set(self.dims)) < len(self.dims):
            raise BadMapping(f"dims names a column twice: {', '.join(self.dims)}; name each once.")
        foreign = _ONLY_OF_PAYMENTS if self.aggregated else _ONLY_OF_AGGREGATES
        for key in foreign:
            if getattr(self, key) is not None:
                form = (
                    "one row a payment (no attempts)"
                    if self.aggregated
                    else "aggregated rows (with attempts)"
                )
                raise BadMapping(f"{key}={getattr(self, key)} fits only {form}; leave it out.")

    @property
    def aggregated(self) -> bool:
        """Whether a row counts several attempts."""
        return self.attempts is not None

    def named(self) -> Iterator[tuple[str, str]]:
        """Give each key with the column it names; `dims` once for each of its columns."""
        for field in fields(self):
            value = getattr(self, field.name)
            for column in value if isinstance(value, tuple) else (value,):
                if column is not None:
                    yield field.name, column

    def check(self, columns: tuple[str, ...]) -> None:
        """Compare with the columns of a file.

        Raises:
            BadMapping: a named column is not there, or there twice.
        """
        for key, column in self.named():
            if column not in columns:
                raise BadMapping(_no_column(key, column, columns))
            if columns.count(column) > 1:
                raise BadMapping(
                    f"{key}={column}: the file has {columns.count(column)} columns of this name."
                )

    @classmethod
    def of(cls, given: Mapping[str, object]) -> Self:
        """Make a mapping from keys to column names.

        Raises:
            BadMapping: an unknown key, a missing one, or a value that is no column name.
        """
        known = [field.name for field in fields(cls)]
        for key in given:
            if key not in known:
                raise BadMapping(
                    f"{key!r} is no key of a mapping{_nearest(key, known)} The keys are {', '.join(known)}."
                )
        missing = [key for key in _NEEDED if key not in given]
        if missing:
            raise BadMapping(f"The mapping lacks {', '.join(missing)}; time, success and dims are needed.")
        values: dict[str, Any] = {key: _value(key, value) for key, value in given.items()}
        return cls(**values)


def parse_mapping(text: str) -> ColumnMap:
    """Read `key=column,...`; a token without `=` goes on with the list of the key before it.

    Raises:
        BadMapping: what is wrong with which token.

    >>> parse_mapping("time=hr,attempts=t,success=ok,dims=pg,bank").dims
    ('pg', 'bank')
    """
    return ColumnMap.of(_tokens(text))


def load_mapping(argument: str) -> ColumnMap:
    """Read a mapping from a TOML file when the argument ends in .toml, else from the argument itself.

    Raises:
        BadMapping: the file or the text does not hold a mapping.
    """
    return ColumnMap.of(given_mapping(argument))


def given_mapping(argument: str) -> Mapping[str, object]:
    """Read the keys of a mapping as they are given, from a TOML file or from the argument itself.

    Raises:
        BadMapping: the file or the text holds no keys and columns.
    """
    if not argument.lower().endswith(".toml"):
        return _tokens(argument)
    try:
        return tomllib.loads(Path(argument).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise BadMapping(f"The mapping file {argument!r} cannot be read: {reason}.") from error


def _tokens(text: str) -> Mapping[str, list[str]]:
    given: dict[str, list[str]] = {}
    key = ""
    for token in (part.strip() for part in text.split(",")):
        name, equals, column = (part.strip() for part in token.partition("="))
        if equals:
            key = name
            if key in given:
                raise BadMapping(f"{key!r} is given twice in the mapping; give it once.")
        elif not given:
            raise BadMapping(f"The mapping starts with {token!r}; key=column is expected, such as time=ts.")
        given.setdefault(key, []).append(column if equals else name)
    return given


def recognise(columns: tuple[str, ...]) -> ColumnMap:
    """Find the mapping of a file whose columns have common names; what plays a role becomes a dimension.

    Raises:
        BadMapping: time, outcome or dimensions are not recognised.
    """
    found: dict[str, str | list[str]] = {}
    for key, names in _COMMON_NAMES.items():
        column = next((column for name in names for column in columns if column.lower() == name), None)
        if column is not None:
            found[key] = column
    for key in _ONLY_OF_PAYMENTS if "attempts" in found else _ONLY_OF_AGGREGATES:
        found.pop(key, None)
    found["dims"] = list(_dimensions(columns))
    if not all(map(found.get, _NEEDED)):
        raise BadMapping(_unrecognised(found, columns))
    return ColumnMap.of(found)


def _dimensions(columns: Iterable[str]) -> Iterator[str]:
    playing = [column for column in dict.fromkeys(columns) if role_of(column) != "other"]
    issuers = [column for column in playing if role_of(column) == "issuer"]
    for column in playing:
        # A BIN makes thousands of cells; it stands in for the issuer only where nothing else does.
        if column.lower() != "bin" or len(issuers) == 1:
            yield column


def _value(key: str, value: object) -> str | tuple[str, ...]:
    columns: list[str] = []
    for column in value if isinstance(value, list) else [value]:
        if not isinstance(column, str) or not column:
            raise BadMapping(f"{key} names {column!r}; the name of a column is expected.")
        columns.append(column)
    if key == "dims":
        return tuple(columns)
    if len(columns) != 1:
        raise BadMapping(f"{key} takes one column, not {len(columns)}: {', '.join(columns)}.")
    return columns[0]


def _no_column(key: str, column: str, columns: tuple[str, ...]) -> str:
    there = ", ".join(map(repr, columns))
    return (
        f"{key}={column}: there is no column {column!r}{_nearest(column, columns)} The columns are {there}."
    )


def _unrecognised(found: Mapping[str, str | list[str]], columns: tuple[str, ...]) -> str:
    """Say what is missing, and the mapping as far as it is known."""
    missing = " and ".join(key for key in _NEEDED if not found.get(key))
    known = {key: found.get(key) or ".." for key in _NEEDED}
    begun = ",".join(
        f"{key}={name if isinstance(name, str) else ','.join(name)}" for key, name in known.items()
    )
    there = ", ".join(map(repr, columns))
    return f"No column is recognised as {missing}: name it with --map {begun}; there are {there}."


def _nearest(name: str, known: Iterable[str]) -> str:
    by_lower = {one.lower(): one for one in known}
    near = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
    return f"; did you mean {by_lower[near[0]]!r}?" if near else "."
