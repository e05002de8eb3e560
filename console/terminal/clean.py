"""Make foreign text safe to print: one line, no control characters, nothing that a terminal would obey."""

import unicodedata

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories of control, format (bidirectional overrides too), surrogate, private and unassigned
characters, and of the line and paragraph separators."""


def one_line(text: str) -> str:
    r"""Turn white space into single spaces and write every other unsafe character as its escape.

    >>> one_line("north\n pay\x1b[2J")
    'north pay\\x1b[2J'
    """
    return "".join(map(_visible, " ".join(text.split())))


def short(text: str, limit: int) -> str:
    """Give the text in one line of at most `limit` characters, its end cut off if it must be."""
    line = one_line(text)
    return line if len(line) <= limit else line[: limit - 2] + ".."


def visible(value: object) -> object:
    """Write unsafe characters of what is to be shown as their escapes, but keep its lines.

    What is markup already (a subclass of `str`) was made by us of parts that were made visible.
    """
    if isinstance(value, str) and type(value) is not str:
        return value
    lines = str(value).split("\n")
    return "\n".join(
        line if line.isprintable() else "".join(map(_visible, line.expandtabs())) for line in lines
    )


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _UNSAFE:
        return character
    return character.encode("unicode_escape").decode("ascii")
