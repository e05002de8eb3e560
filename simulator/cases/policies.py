"""Who plays: a policy gives the next move of an episode.

An outsider sees the agent's view alone: wrap a function of its fields with `outsider`. The optimum and the
clairvoyant are yardsticks and look behind the screen: the optimum knows the families of the queue but no
hidden world, the clairvoyant knows every draw.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, get_args

import numpy as np

from simulator.cases.beliefs import beliefs_of
from simulator.cases.bounds import Ending, cheapest
from simulator.cases.engine import Episode
from simulator.cases.moves import Move, move_for
from simulator.cases.solver import solve
from simulator.cases.views import Fields, agent_view
from simulator.cases.vocabulary import PROBES, Act, ActionType, ProbeName

_PATIENCE = 3


class Policy(Protocol):
    """Anything that gives the next move."""

    def __call__(self, episode: Episode, /) -> Move | None:
        """Give the next move, or None to walk away."""


def play(policy: Policy, episode: Episode) -> Episode:
    """Play to the end; who walks away, or is malformed three times in a row, lets the rest lapse."""
    malformed = 0
    while not episode.done and malformed < _PATIENCE:
        steps = len(episode.moves)
        move = policy(episode)
        if move is None:
            break
        episode.take(move)
        malformed = malformed + 1 if len(episode.moves) == steps else 0
    episode.walk_away()
    return episode


def outsider(decide: Callable[[Fields], Move]) -> Policy:
    """Make a policy of a function that sees what agents see."""
    return lambda episode: decide(agent_view(episode))


def nothing(_: Episode, /) -> Move | None:
    """Do nothing: the floor."""
    return None


def always(action_type: ActionType) -> Policy:
    """Do the same every time."""
    return lambda episode, /: Move(action_type, episode.case.transaction_id)


def at_random(seed: int) -> Policy:
    """Pick any of the ten actions."""
    rng = np.random.default_rng(seed)
    words = get_args(ActionType)
    return lambda episode: Move(words[int(rng.integers(len(words)))], episode.case.transaction_id)


def optimal(episode: Episode) -> Move:
    """Lose the least that can be expected without seeing behind the screen."""
    rest = episode.task.families[episode.position :]
    solution = solve(rest, episode.rules.profile, 1 + 2 * episode.position)
    choice = solution.choice(episode.state, episode.tenths_left, episode.load)
    confidence = beliefs_of(episode.case.hidden.family).confidence(episode.state)
    return move_for(choice, episode.case.transaction_id, confidence)


@dataclass(slots=True)
class Clairvoyant:
    """Lose the least that is possible with every draw known; one for each episode."""

    _endings: tuple[Ending, ...] = field(default=())

    def __call__(self, episode: Episode) -> Move:
        """Follow the plan made at the first move."""
        if not self._endings:
            draws = tuple(case.hidden for case in episode.cases)
            self._endings = cheapest(draws, episode.rules.profile).endings
        ending = self._endings[episode.position]
        choice: Act | ProbeName = ending.act
        if episode.questions_asked < len(ending.asks):
            choice = PROBES[ending.asks[episode.questions_asked]]
        return move_for(choice, episode.case.transaction_id, float(episode.case.is_illicit))
