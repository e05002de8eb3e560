"""Cause, culprit and confidence on simulated incidents of all signatures; and the fit of what was learned."""

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from bench.diagnosis.diagram import draw
from bench.diagnosis.episodes import causes, play_all
from bench.diagnosis.fitting import Fitted, fit_all
from bench.diagnosis.reading import read
from bench.diagnosis.specimens import specimen
from bench.diagnosis.summary import reliability, summarise
from bench.options import Measurement, beside
from bench.result import ROOT, table

QUICK_SEEDS = 4
KNOWLEDGE = ROOT / "agents" / "analyst"

Played = TypeVar("Played")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what only this measurement has."""
    parser.add_argument(
        "--fit",
        action="store_true",
        help="do not measure: learn from these seeds and write what was learned into agents/analyst",
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes (default: 1)")


def measure(given: argparse.Namespace) -> dict[str, object]:
    """Play every signature with every seed, and diagnose what is found or learn from it."""
    seeds = given.seeds[:QUICK_SEEDS] if given.quick else given.seeds
    return _fit(seeds, given) if given.fit else _measure(seeds, given)


def _measure(seeds: tuple[int, ...], given: argparse.Namespace) -> dict[str, object]:
    readings = list(_counted(play_all(seeds, read, given.jobs), seeds))
    picture = beside(given, "png")
    if picture is not None:
        told = reliability([reading.answer for reading in readings if reading.answer is not None])
        draw(told, picture, f"{len(told.right)} diagnoses, seeds {_span(seeds)}")
    return summarise(readings)


def _fit(seeds: tuple[int, ...], given: argparse.Namespace) -> dict[str, object]:
    seen = _counted(play_all(seeds, specimen, given.jobs), seeds)
    fitted = fit_all([one for one in seen if one is not None], _span(seeds))
    _write(fitted)
    picture = beside(given, "png")
    if picture is not None:
        draw(
            fitted.held_out, picture, f"{len(fitted.held_out.right)} diagnoses held out, seeds {_span(seeds)}"
        )
    held_out = fitted.held_out
    return {
        "episodes": fitted.calibration.episodes,
        "held_out": {"right": float(held_out.right.mean()), "brier": held_out.brier, "ece": held_out.ece},
        "calibration": fitted.calibration.model_dump(),
    }


def _write(fitted: Fitted) -> None:
    for name, model in (("experience", fitted.experience), ("calibration", fitted.calibration)):
        text = model.model_dump_json(indent=1) + "\n"
        (KNOWLEDGE / f"{name}.json").write_text(text, encoding="utf-8")


def _counted(played: Iterable[Played], seeds: tuple[int, ...]) -> Iterator[Played]:
    whole = len(seeds) * len(causes())
    for number, one in enumerate(played, start=1):
        if number % 100 == 0 or number == whole:
            sys.stderr.write(f"{number} of {whole} episodes\n")
        yield one


def _span(seeds: tuple[int, ...]) -> str:
    return f"{seeds[0]}-{seeds[-1]}"


def show(result: Mapping[str, object]) -> str:
    """Lay the single numbers out for a person, and a row for each signature."""
    rows = result.get("per_signature")
    single = {name: value for name, value in result.items() if not isinstance(value, list)}
    return table(single) + (_signatures(rows) if isinstance(rows, list) else "")


def _signatures(rows: list[dict[str, object]]) -> str:
    names = ("episodes", "missed", "category_accuracy", "culprit_accuracy", "confidence_mean", "left_alone")
    lines = [f"{'':<22}" + "".join(f"{name:>19}" for name in names)]
    lines += [
        f"{row['signature']:<22}" + "".join(f"{_cell(row[name]):>19}" for name in names) for row in rows
    ]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else "-" if value is None else str(value)


MEASUREMENT = Measurement(
    words="Plays drawn episodes of all signatures through simulator, monitor and analyst.",
    measure=measure,
    add_options=add_options,
    seeds=range(10_000, 10_010),
    show=show,
)
