"""The figures of one family: `python -m simulator.cases.audit [NAME ...]`.

`normalised` is the way from the floor (0, do nothing) to the optimum (1). A constant act above one half
means that the loss table leaves too little to find out: raise what the act loses in its wrong world.
"""

import sys
from typing import NamedTuple

from simulator.cases.bounds import act_usd, ceiling_usd, floor_usd
from simulator.cases.catalogue import catalogue, family_named
from simulator.cases.family import Family
from simulator.cases.solver import solve
from simulator.cases.vocabulary import ACTS, Act


class Figures(NamedTuple):
    """Expected dollars of one case."""

    family: Family
    ceiling: float
    optimum: float
    prior_best: float
    """Of the best act on the first screen, legal or not."""
    floor: float
    constants: dict[Act, float]
    """Normalised score of each act on the first screen."""

    @property
    def best_constant(self) -> tuple[Act, float]:
        """Give the constant act that comes nearest to the optimum."""
        return max(self.constants.items(), key=lambda item: item[1])


def figures(family: Family) -> Figures:
    """Compute a family's figures, all exact."""
    floor, optimum = floor_usd(family), solve((family,)).least_usd
    usd = {act: act_usd(family, act) for act in ACTS}
    constants = {act: (floor - lost) / (floor - optimum) for act, lost in usd.items()}
    return Figures(family, ceiling_usd(family), optimum, min(usd.values()), floor, constants)


def main(names: list[str]) -> None:
    """Print one line a family."""
    sys.stdout.write(
        f"{'family':28}{'tier':10}{'illicit':>8}{'ceiling':>9}{'optimum':>9}{'floor':>9}  constant\n"
    )
    for family in [family_named(name) for name in names] or catalogue():
        seen = figures(family)
        act, score = seen.best_constant
        line = f"{family.number:4}{family.name:24}{family.tier:10}{family.illicit_prior:8.2f}"
        line += f"{seen.ceiling:9.0f}{seen.optimum:9.0f}{seen.floor:9.0f}"
        sys.stdout.write(f"{line}  {act.verb}+{act.report} {score:.2f}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
