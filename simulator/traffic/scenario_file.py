"""Scenarios from files: a fault that somebody met, added without code."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from payments.errors import BadFile, BadScenario, SettingsError
from simulator.traffic.effect_models import unknown
from simulator.traffic.faults import scenario
from simulator.traffic.plain_yaml import NotPlainError, read_plain
from simulator.traffic.scenario import Scenario
from simulator.traffic.scenario_models import ScenarioModel, fields_at
from simulator.traffic.topology import draw_topology

SUFFIXES = frozenset({".yaml", ".yml"})

_LARGEST_BYTES = 64 * 1024
_SHOWN = 5
"""Errors that a message lists."""
_LONGEST_INPUT = 60


def find_scenario(name_or_file: str) -> Scenario:
    """Give the scenario of a name, or of a YAML file.

    Raises:
        NotFoundError: there is no scenario of this name.
        BadFile: the file cannot be read.
        BadScenario: it says what cannot be played.
    """
    path = Path(name_or_file)
    return load_scenario(path) if path.suffix.lower() in SUFFIXES else scenario(name_or_file)


def load_scenario(path: Path) -> Scenario:
    """Read a scenario file.

    Raises:
        BadFile: it cannot be read, or is too large for a scenario.
        BadScenario: it says what cannot be played; the message names the place and what is allowed there.
    """
    try:
        # Strict JSON is one form of values, whatever YAML made of them.
        given = json.dumps(read_plain(_read(path)), allow_nan=False)
        played = ScenarioModel.model_validate_json(given).scenario()
        _draw(played)
    except (NotPlainError, SettingsError) as error:
        msg = f"The scenario file {str(path)!r} cannot be played: {error}."
        raise BadScenario(msg) from error
    except ValidationError as error:
        found = error.errors(include_url=False)
        lines = [_sentence(one) for one in found[:_SHOWN]]
        more = [f"... and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
        msg = "\n  ".join([f"The scenario file {str(path)!r} cannot be played:", *lines, *more])
        raise BadScenario(msg) from error
    return played


def schema() -> dict[str, Any]:
    """Give the JSON schema of scenario files."""
    given = ScenarioModel.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **given}


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"The scenario file {str(path)!r} cannot be read: {error}."
        raise BadFile(msg) from error
    if len(content) > _LARGEST_BYTES:
        msg = f"The scenario file {str(path)!r} is larger than {_LARGEST_BYTES} bytes: write less."
        raise BadFile(msg)
    return text


def _draw(played: Scenario) -> None:
    """Draw it once, for what only a world can tell: whether there is such a culprit."""
    rng = np.random.default_rng(0)
    played.draw(draw_topology(played.world, rng), rng)


def _sentence(error: ErrorDetails) -> str:
    said = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return said
    *place, name = error["loc"]
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{where}: {unknown(str(name), fields_at(place), 'field')}"
    if error["type"] in {"value_error", "missing"}:
        return f"{where}: {said}"
    given = json.dumps(error["input"], default=str)
    shown = given if len(given) <= _LONGEST_INPUT else f"{given[:_LONGEST_INPUT]}..."
    return f"{where}: {said}, not {shown}"
