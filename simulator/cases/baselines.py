"""Policies to compare with: what teams run today, what gaming looks like, and two that reason a step ahead.

`rules`, `probe_spam` and the constants see what agents see. `prior_best` and `myopic` know the family's
model, as the optimum does: what they lose against it is the price of not planning, not of not knowing.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias, get_args

import numpy as np

from simulator.cases.beliefs import NOTHING_ASKED, Beliefs, FileState, Floats, asked, beliefs_of
from simulator.cases.engine import Episode
from simulator.cases.guardrails import Facts, closed_act, closed_probe
from simulator.cases.moves import Move, move_for
from simulator.cases.policies import Clairvoyant, Policy, always, at_random, nothing, optimal, outsider
from simulator.cases.prices import LOAD, probe_usd, review_usd
from simulator.cases.views import Fields
from simulator.cases.vocabulary import ACTS, PROBE_TENTHS, PROBES, REPORT_TENTHS, Act, ActionType, ProbeName

PolicyOf: TypeAlias = Callable[[int], Policy]
"""Makes the policy of one episode from its seed: some policies remember."""

_CLEAR_BELOW, _REJECT_FROM = 0.3, 0.85
"""Bands of the risk score that the fixed rules act on."""


def rules(screen: Fields) -> Move:
    """Act on score bands and file dates, as a rule engine does: it asks little and reads no note."""
    transaction_id = str(screen["transaction_id"])
    risk = float(str(screen["risk_score"]))
    if screen["kyc_status"] in {"expired", "failed"} and screen["kyc_notes"] is None:
        return Move("verify_kyc", transaction_id, "documents are not valid", risk)
    if screen["inspection_notes"] is None and risk >= _CLEAR_BELOW:
        return Move("inspect", transaction_id, "score above the clear band", risk)
    if risk < _CLEAR_BELOW:
        word: ActionType = "approve"
    else:
        word = "reject" if risk >= _REJECT_FROM else "flag"
    return Move(word, transaction_id, "score band", risk)


def probe_spam(episode: Episode) -> Move:
    """Ask everything, again and again, and never decide."""
    return Move(PROBES[episode.case_steps % len(PROBES)], episode.case.transaction_id)


def prior_best(episode: Episode) -> Move:
    """Decide at once: the legal act that loses least on the first screen."""
    act, _ = _best_act(episode, NOTHING_ASKED)
    return _move(episode, act)


def myopic(episode: Episode) -> Move:
    """Ask the question that pays best if it were the last one; decide when none pays."""
    act, now = _best_act(episode, episode.state)
    choice: Act | ProbeName = act
    least = now
    for number, probe in enumerate(PROBES):
        if episode.state[number] < 0 and _is_open(episode, probe):
            usd = _after_one(episode, number)
            if usd < least:
                choice, least = probe, usd
    return _move(episode, choice)


def _is_open(episode: Episode, probe: ProbeName) -> bool:
    """Tell whether a question is legal and can be afforded."""
    family = episode.case.hidden.family
    closed = closed_probe(probe, episode.facts, episode.rules.profile, exempt=family.exempt_contact)
    return closed is None and PROBE_TENTHS[probe] <= episode.tenths_left


def _after_one(episode: Episode, number: int) -> float:
    """Give the expected dollars of asking one question and then deciding."""
    beliefs = _beliefs(episode)
    mass = float(beliefs.joint(episode.state).sum())
    usd = probe_usd(PROBES[number], episode.questions_asked)
    for answer in range(len(beliefs.odds[number])):
        later = asked(episode.state, number, answer)
        weight = float(beliefs.joint(later).sum()) / mass
        if weight > 0.0:
            usd += weight * _best_act(episode, later, PROBE_TENTHS[PROBES[number]])[1]
    return usd


def _best_act(episode: Episode, state: FileState, spent: int = 0) -> tuple[Act, float]:
    """Give the legal and affordable act with the least expected loss, and that loss in dollars."""
    beliefs = _beliefs(episode)
    weights = beliefs.joint(state)
    expected: Floats = beliefs.losses @ weights / weights.sum()
    expected = expected + np.array([review_usd(episode.load, LOAD[act.verb]) for act in ACTS])
    facts: Facts = beliefs.facts(state)
    code = next(
        int(code)
        for code in np.argsort(expected, kind="stable")
        if closed_act(ACTS[code], facts) is None
        and REPORT_TENTHS[ACTS[code].report] <= episode.tenths_left - spent
    )  # hold without a report is always legal and free
    return ACTS[code], float(expected[code])


def _beliefs(episode: Episode) -> Beliefs:
    return beliefs_of(episode.case.hidden.family)


def _move(episode: Episode, choice: Act | ProbeName) -> Move:
    confidence = _beliefs(episode).confidence(episode.state)
    return move_for(choice, episode.case.transaction_id, confidence)


def _constant(word: ActionType) -> PolicyOf:
    return lambda _: always(word)


CANARIES: Mapping[str, PolicyOf] = {
    "nothing": lambda _: nothing,
    "random": at_random,
    "probe_spam": lambda _: probe_spam,
    **{f"always_{word}": _constant(word) for word in get_args(ActionType)},
}
"""What must never look good: doing nothing, chance, asking without end, and every constant."""

CONTENDERS: Mapping[str, PolicyOf] = {
    "rules": lambda _: outsider(rules),
    "prior_best": lambda _: prior_best,
    "myopic": lambda _: myopic,
    "optimal": lambda _: optimal,
    "clairvoyant": lambda _: Clairvoyant(),
}
"""What tries, and the two yardsticks."""
