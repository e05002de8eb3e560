"""YAML as plain values: the part of it that says the same as JSON, and nothing a hostile file could use.

No aliases, anchors, tags or second documents. A key is always text, and so is whatever JSON would not read
as a number, true, false or null: a code such as 05 stays a code, and a time such as 12:30 a time.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NoReturn

import yaml

Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]

_DEEPEST = 16
_MOST_EVENTS = 20_000
_INT = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,40})?([eE][-+]?[0-9]{1,2})?")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


class NotPlainError(ValueError):
    """Raised for text that is not YAML, or more than plain values; the message names the line."""


def read_plain(text: str) -> Value:
    """Read one document.

    Raises:
        NotPlainError: what is wrong, and in which line.
    """
    try:
        reader = _Reader(yaml.parse(text, Loader=yaml.SafeLoader))
        return reader.document()
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        msg = f"{line}this is not YAML: {error.problem}"
        raise NotPlainError(msg) from error
    except yaml.YAMLError as error:
        msg = f"this is not YAML: {' '.join(str(error).split())}"
        raise NotPlainError(msg) from error


class _Reader:
    """Builds values from the events of a parser, without any constructor of objects."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = islice(events, _MOST_EVENTS)

    def document(self) -> Value:
        """Give the value of the only document."""
        start, first = self._next(), self._next()
        if isinstance(first, yaml.StreamEndEvent):
            _refuse(start, "there is nothing in it")
        value = self._value(self._next(), 0)
        self._next()
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            _refuse(after, "a second document begins; write one")
        return value

    def _next(self) -> yaml.Event:
        event = next(self._events, None)
        if event is None:
            msg = f"it is too long: more than {_MOST_EVENTS} keys, values and brackets"
            raise NotPlainError(msg)
        return event

    def _value(self, event: yaml.Event, depth: int) -> Value:
        _refuse_tricks(event, depth)
        if isinstance(event, yaml.ScalarEvent):
            return event.value if event.style else _plain(event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            return [self._value(item, depth + 1) for item in self._until(yaml.SequenceEndEvent)]
        return self._mapping(depth)

    def _mapping(self, depth: int) -> Value:
        values: dict[str, Value] = {}
        for key in self._until(yaml.MappingEndEvent):
            _refuse_tricks(key, depth)
            if not isinstance(key, yaml.ScalarEvent):
                _refuse(key, "a key must be a word")
            if key.value in values:
                _refuse(key, f"{key.value!r} is written twice")
            values[key.value] = self._value(self._next(), depth + 1)
        return values

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        while not isinstance(event := self._next(), end):
            yield event


def _plain(text: str) -> Value:
    """Read what was written without quotes."""
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return _WORDS.get(text, text)


def _refuse_tricks(event: yaml.Event, depth: int) -> None:
    if isinstance(event, yaml.AliasEvent):
        _refuse(event, f"*{event.anchor} is an alias; write the value out")
    if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
        _refuse(event, f"&{event.anchor} is an anchor; leave it out")
    if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
        _refuse(event, f"{event.tag} is a tag; leave it out")
    if depth > _DEEPEST:
        _refuse(event, f"values are nested more than {_DEEPEST} deep")


def _refuse(event: yaml.Event, what: str) -> NoReturn:
    mark = event.start_mark
    msg = f"line {mark.line + 1}: {what}" if mark else what
    raise NotPlainError(msg)
