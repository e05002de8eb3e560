"""All families, found by looking into `families/`: to add one is to add one file."""

import functools
import importlib
import pkgutil
import re

from payments.errors import NotFoundError, SettingsError
from simulator.cases import families
from simulator.cases.family import Family


@functools.cache
def catalogue() -> tuple[Family, ...]:
    """Give every family in the order of the catalogue's numbers.

    Raises:
        SettingsError: a file has no `FAMILY`, or two share a number or a name.
    """
    found = [_family_in(module.name) for module in pkgutil.iter_modules(families.__path__)]
    for word in ("number", "name"):
        seen = [getattr(family, word) for family in found]
        twice = sorted({value for value in seen if seen.count(value) > 1})
        if twice:
            raise SettingsError(f"Several families have the {word} {twice!r}; each needs its own.")
    return tuple(sorted(found, key=_order))


def family_named(name: str) -> Family:
    """Give a family by its name or its number.

    Raises:
        NotFoundError: there is none.
    """
    for family in catalogue():
        if name in {family.name, family.number}:
            return family
    raise NotFoundError(f"There is no family {name!r} among the {len(catalogue())} of the catalogue.")


def _family_in(module: str) -> Family:
    """Read one file of `families/`."""
    family = getattr(importlib.import_module(f"{families.__name__}.{module}"), "FAMILY", None)
    if not isinstance(family, Family):
        raise SettingsError(f"families/{module}.py defines no FAMILY = Family(...); add it or move the file.")
    return family


def _order(family: Family) -> tuple[int, str]:
    """Sort 9 before 10 and 42 before 42b."""
    digits = re.match(r"\d+", family.number)
    return (int(digits[0]) if digits else 0, family.number)
