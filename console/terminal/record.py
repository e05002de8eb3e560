"""The crew's track record as a table: one column for each mode."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

from rich.console import Group, RenderableType
from rich.text import Text

from console.terminal.draw import Column, table
from console.terminal.words import count, duration, kind_words, number, percent, saved_words
from graph.track_record import Account, Asked, Calibration, TrackRecord
from payments.plan import Interval
from payments.verdict import Mode

FOOT = (
    "Intervals hold 90 %; those of sums take the errors of different incidents for independent.\n"
    "What should be saved is until the first expiry; a renewed action goes on and may save more.\n"
    "Lengths of time are by each feed's own clock."
)

NONE = "-"
"""Stands where there is nothing to tell."""

_Row = tuple[str, Callable[[Account], str]]


def record_table(record: TrackRecord) -> RenderableType:
    """Draw what was done, or would have been, and what came of it."""
    over = "" if record.since_s is None else f" in the last {duration(record.since_s)}"
    if not record.accounts:
        unruled = f" {record.without_ruling} without a ruling yet." if record.without_ruling else ""
        return Text(f"Nothing to report: no incident was ruled on{over}.{unruled}")
    columns = (Column("", style="bold"), *(Column(account.mode.value) for account in record.accounts))
    rows = [(name, *(words(account) for account in record.accounts)) for name, words in ROWS]
    return Group(table(columns, rows), Text(""), Text(FOOT))


def _done(account: Account) -> str:
    done = _counted((kind_words(kind), number) for kind, number in account.done.items())
    return _conditional(account, done)


def _conditional(account: Account, words: str) -> str:
    """Say of what a crew did that touched nothing that it would have done so."""
    return f"would have: {words}" if account.mode is Mode.SHADOW and words != NONE else words


def _counted(pairs: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{count(many)} {name}" for name, many in pairs if many) or NONE


def _named(counts: Iterable[tuple[StrEnum, int]]) -> str:
    return _counted((name.value.replace("_", " "), many) for name, many in counts)


def _saved(interval: Interval | None) -> str:
    return saved_words(interval) if interval else NONE


def _asked(asked: Asked) -> str:
    if not asked.questions:
        return "never"
    left = [f"{asked.open} open"] if asked.open else []
    left += [f"{asked.over_before} over before an answer"] if asked.over_before else []
    about = f"{_many(asked.questions, 'question')} about {_many(asked.incidents, 'incident')}"
    return ", ".join([about, *left])


def _many(number: int, name: str) -> str:
    return f"{count(number)} {name}{'' if number == 1 else 's'}"


def _people(asked: Asked) -> str:
    return _counted(asked.by.items())


def _sure(calibration: Calibration | None) -> str:
    if calibration is None:
        return "not known yet"
    sure, helped = percent(calibration.mean_confidence), percent(calibration.share_helped)
    return f"{sure} sure, {helped} of {calibration.measured} helped, Brier {number(calibration.brier)}"


ROWS: Sequence[_Row] = (
    ("incidents", lambda account: count(account.incidents)),
    ("last ruling", lambda account: _named(account.rulings.items())),
    ("done", _done),
    ("should save", lambda account: _saved(account.expected)),
    ("has saved", lambda account: _conditional(account, _saved(account.saved))),
    ("effects", lambda account: _named(account.effects.items())),
    ("waits for a yes", lambda account: _saved(account.expected_if_approved)),
    ("people asked", lambda account: _asked(account.asked)),
    ("their answers", lambda account: _counted(account.asked.answers.items())),
    ("who answered", lambda account: _people(account.asked)),
    ("confidence", lambda account: _sure(account.calibration)),
)
"""What is said of an account, line by line."""
