"""Planned downtimes from a TOML file."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from payments.errors import BadFile
from payments.maintenance import Maintenance
from payments.segment import Segment


def _in_utc(value: object) -> object:
    """Take a time without a zone as UTC, as everywhere in files."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


_Instant = Annotated[datetime, BeforeValidator(_in_utc)]


class _Planned(BaseModel):
    model_config = ConfigDict(extra="forbid")

    segment: dict[str, str]
    start: _Instant
    end: _Instant
    note: str = ""


class _Plan(BaseModel):
    model_config = ConfigDict(extra="forbid")

    planned: list[_Planned] = []


class FileCalendar:
    """Implements `Calendar` from `[[planned]]` tables with segment, start, end, note; no file, no downtimes.

    Raises:
        BadFile: the file is missing, is no TOML, or a downtime is not as expected.
    """

    def __init__(self, path: Path | None) -> None:
        self._downtimes = () if path is None else _read(path)

    def planned(self, at: datetime) -> tuple[Maintenance, ...]:
        """Give the downtimes in force: the start belongs to one, the end does not."""
        return tuple(downtime for downtime in self._downtimes if downtime.start <= at < downtime.end)


def _read(path: Path) -> tuple[Maintenance, ...]:
    try:
        plan = _Plan.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadFile(f"The calendar {str(path)!r} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadFile(
            f"The calendar {str(path)!r}: {where}: {first['msg']}, got {first['input']!r}."
        ) from error
    except ValueError as error:  # TOML and UTF-8 errors are ValueErrors, as is pydantic's, handled above
        raise BadFile(f"The calendar {str(path)!r} is no TOML text: {error}.") from error
    return tuple(_maintenance(path, number, one) for number, one in enumerate(plan.planned))


def _maintenance(path: Path, number: int, one: _Planned) -> Maintenance:
    if one.end <= one.start:
        raise BadFile(
            f"The calendar {str(path)!r}: planned.{number}: the end {one.end} is not after {one.start}."
        )
    return Maintenance(segment=Segment(one.segment), start=one.start, end=one.end, note=one.note)
