"""`python -m bench cases`: policies in the case environment against the exact optimum."""

import argparse
from collections.abc import Mapping

from bench.cases.leakage import leakage
from bench.cases.play import CaseRun, play_all
from bench.cases.scores import by_family, by_tier, scored
from bench.options import Measurement
from payments.errors import SettingsError
from simulator.cases.baselines import CANARIES, CONTENDERS, PolicyOf

ALL: Mapping[str, PolicyOf] = {**CONTENDERS, **CANARIES}
QUICK_SEEDS = 5


def measure(given: argparse.Namespace) -> dict[str, object]:
    """Play every task with every policy on the same seeds."""
    seeds = given.seeds[:QUICK_SEEDS] if given.quick else given.seeds
    policies = {name: ALL[name] for name in _names(given.policies)}
    if given.model:
        policies[given.model] = _model(given.model, given.base_url)
    runs = {name: list(play_all(name, policy, seeds, given.split)) for name, policy in policies.items()}
    if "optimal" not in runs:
        runs["optimal"] = list(play_all("optimal", ALL["optimal"], seeds, given.split))
    paired: list[CaseRun] = runs["optimal"]
    played = {name: runs[name] for name in policies}
    return {
        "policies": [scored(name, runs[name], paired) for name in policies],
        "per_family": by_family(played, paired),
        "per_tier": by_tier(played, paired),
        "episodes_per_policy": len(paired),
        "first_screen": leakage(seeds, seeds)._asdict(),
        "split": given.split,
        "seeds_played": len(seeds),
    }


def _model(name: str, base_url: str | None) -> PolicyOf:
    from bench.cases.language_model import policy_of  # OpenEnv and openai cost seconds to import

    return policy_of(name, base_url)


def _names(wanted: str | None) -> list[str]:
    names = list(ALL) if wanted is None else wanted.split(",")
    unknown = [name for name in names if name not in ALL]
    if unknown:
        raise SettingsError(f"There is no policy {unknown[0]!r}; choose from {', '.join(ALL)}.")
    return names


def show(result: Mapping[str, object]) -> str:
    """Lay the policies out as a table, best first."""
    rows = result["policies"]
    assert isinstance(rows, list)  # noqa: S101 - made above
    ranked = sorted(rows, key=lambda row: row["regret"])
    line = "{:<22}{:>10}{:>18}{:>12}{:>10}{:>8}{:>8}\n"
    head = line.format("policy", "dollars", "regret (se)", "normalised", "breaches", "probes", "Brier")
    table = head + "".join(line.format(*_words(row)) for row in ranked)
    return f"{table}first screen: {result['first_screen']}\n"


def _words(row: Mapping[str, float | None]) -> tuple[str, ...]:
    brier = "-" if row["brier"] is None else f"{row['brier']:.3f}"
    regret = f"{row['regret']:.1f} ({row['regret_se']:.1f})"
    numbers = (f"{row['normalised']:.3f}", f"{row['violations']:.2f}", f"{row['probes']:.2f}", brier)
    return (str(row["name"]), f"{row['dollars']:.1f}", regret, *numbers)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--policies", metavar="A,B", help=f"of {', '.join(ALL)} (default: all)")
    parser.add_argument("--split", choices=("train", "eval"), default="eval", help="random streams to play")
    parser.add_argument("--model", metavar="NAME", help="also play a model of an OpenAI-compatible server")
    parser.add_argument(
        "--base-url", metavar="URL", help="that server; its key is read from PAYOPS_LLM_API_KEY"
    )


MEASUREMENT = Measurement(
    words="Plays every family and every queue with each policy on the same draws. Regret is dollars above "
    "the exact optimum of the task, in expectation; normalised is the way from doing nothing (0) to it (1).",
    measure=measure,
    add_options=_add_options,
    seeds=range(100),
    show=show,
)
