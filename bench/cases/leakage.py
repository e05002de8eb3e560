"""Whether the first screen gives the answer away: a classifier on all it shows, against the published priors.

Prior-Bayes knows the family and nothing else. A logistic regression on every field, word, name and digit of
the first screen, on the seed and on the place in the list must not do better on streams it has not seen.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from bench.cases.scores import Floats, interval
from simulator.cases.engine import Episode
from simulator.cases.streams import digest
from simulator.cases.tasks import Task, tasks
from simulator.cases.views import agent_view
from simulator.cases.vocabulary import Split

BUCKETS = 1024
"""Words are hashed into so many columns (Weinberger et al. 2009)."""
RIDGE = 1e-3


class Screens(NamedTuple):
    """First screens with what they hide."""

    features: Floats
    is_illicit: Floats
    priors: Floats
    """P(illicit) of the family, one a screen."""


class Leakage(NamedTuple):
    """Accuracies on evaluation streams, and the 95 % interval of their paired difference."""

    classifier_accuracy: float
    prior_bayes_accuracy: float
    difference_low: float
    difference_high: float
    screens: int


def leakage(train_seeds: Sequence[int], eval_seeds: Sequence[int]) -> Leakage:
    """Fit on training streams and compare accuracy on evaluation streams, in pairs."""
    train, test = screens("train", train_seeds), screens("eval", eval_seeds)
    chance = predict(fit(train.features, train.is_illicit), test.features)
    ours = _right(chance, test.is_illicit)
    prior = _right(test.priors, test.is_illicit)
    apart = ours - prior
    return Leakage(float(ours.mean()), float(prior.mean()), *interval(apart), len(apart))


def screens(split: Split, seeds: Sequence[int]) -> Screens:
    """Draw the first screen of every family on each seed."""
    singles = [task for task in tasks() if len(task.families) == 1]
    rows, hidden, priors = [], [], []
    for at, task in enumerate(singles):
        for seed in seeds:
            episode = Episode(task, seed, split)
            rows.append(_vector(_words(agent_view(episode), seed, at, task)))
            hidden.append(float(episode.case.is_illicit))
            priors.append(task.families[0].illicit_prior)
    return Screens(np.array(rows), np.array(hidden), np.array(priors))


def fit(features: Floats, labels: Floats) -> Floats:
    """Fit a ridge-penalised logistic regression; the last weight is the intercept."""
    rows = _with_one(features)

    def loss(weights: Floats) -> tuple[float, Floats]:
        score = rows @ weights
        penalty = RIDGE * weights
        value = float(np.mean(np.logaddexp(0.0, score) - labels * score) + 0.5 * weights @ penalty)
        return value, rows.T @ (_sigmoid(score) - labels) / len(labels) + penalty

    return np.asarray(minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B").x)


def predict(weights: Floats, features: Floats) -> Floats:
    """Give P(illicit), one a row."""
    return _sigmoid(_with_one(features) @ weights)


def _words(screen: Mapping[str, object], seed: int, at: int, task: Task) -> Iterator[str]:
    """Give everything a classifier could read as words; numbers by size and by last digit."""
    yield from (f"seed%{n}={seed % n}" for n in (2, 3, 7, 10))
    yield from (f"place={at}", f"tier={task.tier}")
    yield from (f"id{place}={letter}" for place, letter in enumerate(str(screen["transaction_id"])))
    for name, value in screen.items():
        if isinstance(value, float | int):
            yield f"{name}~{_size(float(value))}"
            yield f"{name}.{str(value)[-1]}"
        elif isinstance(value, list):
            yield from (f"{name}:{word}" for word in value)
        elif name not in {"transaction_id", "network_graph"}:
            yield f"{name}={value}"


def _size(value: float) -> float:
    """Round to three steps a factor of e, or to 0.02 below 1."""
    return round(value, 2) // 0.02 if abs(value) < 1.0 else round(3.0 * float(np.log(abs(value))))


def _vector(words: Iterator[str]) -> Floats:
    row = np.zeros(BUCKETS)
    for word in words:
        row[int(digest(word)[:8], 16) % BUCKETS] = 1.0
    return row


def _right(chance: Floats, labels: Floats) -> Floats:
    """Mark the screens that are called rightly, counting an even chance as half."""
    called = np.where(chance == 0.5, 0.5, chance > 0.5)  # noqa: PLR2004 - more likely than not
    return np.where(labels > 0, called, 1.0 - called)


def _sigmoid(score: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(score, -30.0, 30.0))))


def _with_one(features: Floats) -> Floats:
    return np.column_stack([features, np.ones(len(features))])
