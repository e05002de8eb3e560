"""Turns episodes into scores: regret to the exact optimum, and where a policy stands above doing nothing."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from bench.cases.play import CaseRun

Floats = npt.NDArray[np.float64]
Row = dict[str, object]
Runs = Mapping[str, Sequence[CaseRun]]
"""Episodes by policy, on the same draws in the same order."""

Z95 = 1.959964


def scored(name: str, runs: Sequence[CaseRun], optimal: Sequence[CaseRun]) -> Row:
    """Give a policy's means over all episodes; `optimal` has the same draws in the same order."""
    briers = [brier for run in runs for brier in run.briers]
    return {
        "name": name,
        "reward": _mean([run.reward for run in runs]),
        **_money(runs, optimal),
        "paired_regret_ci": paired_interval(runs, optimal),
        "violations": _mean([run.violations for run in runs]),
        "probes": _mean([run.probes for run in runs]),
        "brier": _mean(briers) if briers else None,
        "episodes": len(runs),
    }


def by_family(runs: Runs, optimal: Sequence[CaseRun]) -> list[Row]:
    """Give dollars and regret per family and policy, from the tasks of one case."""
    return _grouped(runs, optimal, "family", _only_family)


def by_tier(runs: Runs, optimal: Sequence[CaseRun]) -> list[Row]:
    """Give the same per tier, from all tasks."""
    return _grouped(runs, optimal, "tier", lambda run: run.task.tier)


def paired_interval(runs: Sequence[CaseRun], optimal: Sequence[CaseRun]) -> list[float]:
    """Give the 95 % interval of the mean dollars above the optimum's on the same draws."""
    return list(interval(np.array([run.usd - other.usd for run, other in zip(runs, optimal, strict=True)])))


def interval(values: Floats) -> tuple[float, float]:
    """Give the 95 % interval of a mean."""
    mean, half = float(values.mean()), Z95 * _error(values)
    return mean - half, mean + half


def _only_family(run: CaseRun) -> str | None:
    return run.task.families[0].name if len(run.task.families) == 1 else None


def _grouped(
    runs: Runs, optimal: Sequence[CaseRun], word: str, key: Callable[[CaseRun], str | None]
) -> list[Row]:
    groups: dict[str, list[int]] = {}
    for at, run in enumerate(optimal):
        group = key(run)
        if group is not None:
            groups.setdefault(group, []).append(at)
    return [
        {word: group, "policy": name, **_money([played[at] for at in places], [optimal[at] for at in places])}
        for name, played in runs.items()
        for group, places in groups.items()
    ]


def _money(runs: Sequence[CaseRun], optimal: Sequence[CaseRun]) -> Row:
    usd = np.array([run.usd for run in runs])
    least = np.array([run.usd for run in optimal])
    expected = np.array([run.optimum_usd for run in runs])
    floor = np.array([run.floor_usd for run in runs])
    return {
        "dollars": float(usd.mean()),
        "regret": float((usd - expected).mean()),
        "regret_se": _error(usd - expected),
        "normalised": float((floor - usd).sum() / (floor - least).sum()),
    }


def _error(values: Floats) -> float:
    """Give the standard error of the mean."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("inf")


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
