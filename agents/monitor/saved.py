"""What was learned as plain arrays, and back: so that a restart need not learn again."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.monitor.learned import Learned
from agents.monitor.settings import MonitorSettings
from agents.monitor.streams import Rows, Streams
from payments.errors import InputError
from payments.window import Cells

Arrays = Mapping[str, npt.NDArray[Any]]

VERSION = 1
WHAT = "about"
"""Name of the array that holds the rest as JSON in UTF-8."""

BY_CELL = (
    ("baseline", "hits"), ("baseline", "trials"), ("mix", "failures"),
    ("volume", "sum"), ("volume", "weight"),
    ("latency", "placing"), ("latency", "counting"), ("latency", "edges"), ("amounts", "sums"),
    ("season", "level_hits"), ("season", "level_trials"), ("season", "hits"), ("season", "trials"),
)  # fmt: skip
"""Arrays of `Learned` whose rows are cells."""
BY_WIDE = (
    ("season.day", "had"),
    ("season.day", "given"),
    ("volume.spread", "over"),
    ("volume.spread", "weight"),
)
BY_STREAM = (("baseline.dispersion", "over"), ("baseline.dispersion", "weight"))
BY_HOUR = (
    ("season.day", "visits"),
    ("season.week", "visits"),
    ("season.week", "had"),
    ("season.week", "given"),
)


def dump(learned: Learned, settings: MonitorSettings, until: datetime) -> dict[str, npt.NDArray[Any]]:
    """Give what was learned until an instant as arrays that belong to nobody else."""
    streams = learned.streams
    order = _order(streams)
    wide = np.searchsorted(streams.wide, order[np.isin(order, streams.wide)])
    rows: dict[tuple[tuple[str, str], ...], Rows | slice] = {
        BY_CELL: slice(None), BY_HOUR: slice(None), BY_STREAM: order, BY_WIDE: wide
    }  # fmt: skip
    arrays = {
        f"{owner}.{name}": np.array(getattr(_owner(learned, owner), name)[chosen])
        for group, chosen in rows.items()
        for owner, name in group
    }
    about = {
        "version": VERSION,
        "tick_s": settings.tick_s,
        "until": until.astimezone(UTC).isoformat(),
        "attributes": streams.attributes or (),
        "keys": streams.keys,
        "codes": learned.codes.names,
        "ticks": learned.ticks,
        "attempts": learned.attempts,
        "latency_fitted": learned.latency.fitted,
        "hours": learned.season.hours,
        "hour": learned.season.hour,
    }
    return {**arrays, WHAT: np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)}


def restore(saved: Arrays, settings: MonitorSettings) -> tuple[Learned, datetime]:
    """Give back what `dump` gave, and the instant until which it was learned.

    Raises:
        InputError: the arrays are not what `dump` gives for these settings; says what is wrong.
    """
    try:
        about = json.loads(bytes(saved[WHAT].astype(np.uint8)))
        _check(about, settings)
        learned, until = Learned(settings), datetime.fromisoformat(about["until"]).astimezone(UTC)
        _prepare(learned, about, until)
        for name, array in _fields(learned):
            array[...] = _valid(saved[name], array, name)
        _finish(learned, about, until)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        msg = f"saved baselines cannot be read: {type(error).__name__} {error}"
        raise InputError(msg) from error
    return learned, until


def _check(about: Mapping[str, Any], settings: MonitorSettings) -> None:
    for name, wanted in (("version", VERSION), ("tick_s", settings.tick_s)):
        if about[name] != wanted:
            msg = f"saved baselines have {name} {about[name]!r}, this monitor has {wanted!r}: learn anew"
            raise InputError(msg)


def _prepare(learned: Learned, about: Mapping[str, Any], until: datetime) -> None:
    """Make room: cells and codes in the order they were saved in."""
    keys = tuple(tuple(str(value) for value in key) for key in about["keys"])
    learned.streams.rows(Cells(attributes=tuple(about["attributes"]), keys=keys))
    for code in about["codes"]:
        learned.codes.number(str(code))
    learned.latency.grow(learned.streams)
    learned.grow(until)


def _finish(learned: Learned, about: Mapping[str, Any], until: datetime) -> None:
    learned.ticks, learned.attempts = int(about["ticks"]), float(about["attempts"])
    learned.latency.fitted = bool(about["latency_fitted"])
    learned.season.hours = int(about["hours"])
    learned.season.hour = None if about["hour"] is None else int(about["hour"])
    learned.refresh(until)


def _fields(learned: Learned) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    for owner, name in (*BY_CELL, *BY_WIDE, *BY_STREAM, *BY_HOUR):
        yield f"{owner}.{name}", getattr(_owner(learned, owner), name)


def _owner(learned: Learned, path: str) -> object:
    found: object = learned
    for name in path.split("."):
        found = getattr(found, name)
    return found


def _valid(saved: npt.NDArray[Any], like: npt.NDArray[Any], name: str) -> npt.NDArray[Any]:
    if saved.shape != like.shape or saved.dtype != like.dtype:
        wanted = f"{like.shape} of {like.dtype}"
        msg = f"saved baselines: {name} has shape {saved.shape} of {saved.dtype}, expected {wanted}"
        raise InputError(msg)
    if not np.isfinite(saved).all() or (name not in SIGNED and (saved < 0).any()):
        msg = f"saved baselines: {name} has values that no count can have"
        raise InputError(msg)
    return saved


SIGNED = {f"{owner}.over" for owner in ("volume.spread", "baseline.dispersion")}


def _order(streams: Streams) -> Rows:
    """Give the streams in the order in which they are numbered when all cells come at once."""
    return np.concatenate(
        [members[np.sort(np.unique(members, return_index=True)[1])] for members in streams.member.T]
    )
