"""What stands around the optimum: the ceiling of who knows every draw, the floor of who does nothing.

The clairvoyant knows the world and every answer before asking, but obeys the guardrails: it still asks
what must be on file before a decision is legal, and it shares the same budget and desk.
"""

import functools
import itertools
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from simulator.cases.beliefs import NOTHING_ASKED, FileState, Floats, asked, beliefs_of
from simulator.cases.family import Family
from simulator.cases.guardrails import closed_act, closed_probe
from simulator.cases.prices import LOAD, probe_usd, review_usd
from simulator.cases.vocabulary import ACTS, BUDGET_TENTHS, PROBE_TENTHS, PROBES, REPORT_TENTHS, Act, Profile

_REVIEWS: Final = np.array([review_usd(0, LOAD[act.verb]) for act in ACTS])
"""Of each act, with an idle desk."""


class Draw(NamedTuple):
    """What is hidden in one case: the index of its world, and of the answer to each question."""

    family: Family
    world: int
    answers: FileState


class Ending(NamedTuple):
    """One way to end a case whose draw is known; reviews are priced with the desk's load."""

    usd: float
    tenths: int
    load: int
    asks: tuple[int, ...]
    """Indices of `PROBES`, in order."""
    act: Act


class Plan(NamedTuple):
    """The cheapest endings of a queue, and their dollars."""

    usd: float
    endings: tuple[Ending, ...]


def floor_usd(family: Family) -> float:
    """Give the expected dollars of doing nothing about one case."""
    beliefs = beliefs_of(family)
    return float(beliefs.priors @ beliefs.lapse)


def act_usd(family: Family, act: Act) -> float:
    """Give the expected dollars of one act on the first screen, legal or not, with an idle desk."""
    beliefs = beliefs_of(family)
    code = ACTS.index(act)
    return float(beliefs.priors @ beliefs.losses[code] + _REVIEWS[code])


@functools.lru_cache(maxsize=256)
def ceiling_usd(family: Family, profile: Profile = "us") -> float:
    """Give the expected dollars of the clairvoyant on one case."""
    beliefs = beliefs_of(family)
    total = 0.0
    for answers in itertools.product(*(range(len(table)) for table in beliefs.odds)):
        total += float(beliefs.joint(answers) @ _least_by_world(family, answers, profile))
    return total


def _least_by_world(family: Family, answers: FileState, profile: Profile) -> Floats:
    """Give the dollars of the cheapest legal ending in each world: the answers alone say what is legal."""
    beliefs = beliefs_of(family)
    least = np.full(len(family.worlds), np.inf)
    for asks, state in _legal_paths(Draw(family, 0, answers), profile):
        facts = beliefs.facts(state)
        legal = [code for code, act in enumerate(ACTS) if closed_act(act, facts) is None]
        usd = beliefs.losses[legal] + _REVIEWS[legal, None]
        least = np.minimum(least, usd.min(axis=0) + _work_usd(asks))
    return least


def cheapest(draws: tuple[Draw, ...], profile: Profile = "us") -> Plan:
    """Give the best legal endings of a queue whose draws are known."""
    plans: dict[tuple[int, int], Plan] = {(BUDGET_TENTHS, 0): Plan(0.0, ())}
    for draw in draws:
        options = endings(draw, profile)
        grown: dict[tuple[int, int], Plan] = {}
        for (left, load), plan in plans.items():
            for option in options:
                key = (left - option.tenths, load + option.load)
                usd = plan.usd + option.usd + review_usd(load, option.load)
                if key[0] >= 0 and (key not in grown or usd < grown[key].usd):
                    grown[key] = Plan(usd, (*plan.endings, option))
        plans = grown
    return min(plans.values())


def endings(draw: Draw, profile: Profile = "us") -> tuple[Ending, ...]:
    """Give the cheapest legal ending for each pair of budget and load."""
    best: dict[tuple[int, int], Ending] = {}
    for asks, state in _legal_paths(draw, profile):
        for ending in _acts_after(draw, asks, state):
            key = (ending.tenths, ending.load)
            if key not in best or ending < best[key]:
                best[key] = ending
    return tuple(sorted(best.values()))


def _legal_paths(draw: Draw, profile: Profile) -> Iterator[tuple[tuple[int, ...], FileState]]:
    """Walk every set of questions that can be asked legally in some order."""
    beliefs = beliefs_of(draw.family)
    reached: dict[FileState, tuple[int, ...]] = {NOTHING_ASKED: ()}
    frontier = [NOTHING_ASKED]
    while frontier:
        state = frontier.pop()
        yield reached[state], state
        facts = beliefs.facts(state)
        for number, probe in enumerate(PROBES):
            later = asked(state, number, draw.answers[number])
            closed = closed_probe(probe, facts, profile, exempt=draw.family.exempt_contact)
            if later not in reached and closed is None:
                reached[later] = (*reached[state], number)
                frontier.append(later)


def _acts_after(draw: Draw, asks: tuple[int, ...], state: FileState) -> Iterator[Ending]:
    """Price each legal act after these questions."""
    beliefs = beliefs_of(draw.family)
    facts = beliefs.facts(state)
    work = _work_usd(asks)
    spent = sum(PROBE_TENTHS[PROBES[number]] for number in asks)
    for code, act in enumerate(ACTS):
        if closed_act(act, facts) is None:
            usd = work + float(beliefs.losses[code, draw.world])
            yield Ending(usd, spent + REPORT_TENTHS[act.report], LOAD[act.verb], asks, act)


def _work_usd(asks: tuple[int, ...]) -> float:
    """Price questions in order."""
    return sum(probe_usd(PROBES[number], done) for done, number in enumerate(asks))
