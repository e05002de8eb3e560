"""Three ways to prefer routes by how well payments went on them: greedy, by elimination, and by chance."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import ndtr, polygamma, psi

from bench.crew.policies.dimensions import Tally
from simulator.traffic.arrays import Flags, Floats

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(12)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


class Choice(Protocol):
    """Says where each group's payments should go among the open routes."""

    def __call__(self, tally: Tally, open_routes: Flags) -> Floats:
        """Give the share of each group on each route, (groups, routes); closed routes get none."""
        ...


def share_of(tally: Tally, expected: float, weight: float) -> Floats:
    """Give the success shares, with so many outcomes as expected added: (groups, routes)."""
    shares: Floats = (tally.succeeded + expected * weight) / (tally.decided + weight)
    return shares


@dataclass(frozen=True)
class Greedy:
    """The route with the highest share gets all, but for what explores the others in equal parts.

    The method of the success-rate routing of payment orchestrators, such as Juspay's decision engine with its
    hedging percentage.
    """

    exploration: float

    def __call__(self, tally: Tally, open_routes: Flags) -> Floats:
        """Rank the open routes by their shares."""
        score = np.where(open_routes, share_of(tally, 1.0, 1.0), -1.0)
        best = np.eye(len(open_routes))[score.argmax(axis=1)] * open_routes
        others = open_routes - best
        explored = self.exploration if open_routes.sum() > 1 else 0.0
        shares: Floats = (1.0 - explored) * best + explored * others / max(1, int(open_routes.sum()) - 1)
        return shares


@dataclass(frozen=True)
class Eliminated:
    """A route whose share falls below a part of the best one's is left out, but for a probe.

    The elimination routing of payment orchestrators. It weighs the configured shares and ranks nothing.
    """

    below: float
    """Part of the best share."""
    probe: float
    """What is left of an eliminated route's weight."""
    least: float
    """Outcomes that a route must have before it is judged."""

    def __call__(self, tally: Tally, open_routes: Flags) -> Floats:
        """Weigh each open route with 1 or, where it is eliminated, with the probe."""
        judged = (tally.decided >= self.least) & open_routes
        share = share_of(tally, 1.0, 1.0)
        best = np.where(judged, share, 0.0).max(axis=1, keepdims=True)
        bad = judged & (share < self.below * best)
        weights: Floats = np.where(bad, self.probe, 1.0) * open_routes
        return weights


@dataclass(frozen=True)
class Sampled:
    """Thompson sampling: a payment takes a route with the chance that this route is the best one.

    Beta-Bernoulli (Thompson, 1933; Chapelle and Li, 2011). The log-odds of a beta variable are close to
    normal with mean psi(a) - psi(b) and variance psi'(a) + psi'(b), so the chance of being the best is one
    integral for each route.
    """

    expected: float
    """Mean of the prior."""
    prior: float
    """Outcomes that the prior is worth."""

    def __call__(self, tally: Tally, open_routes: Flags) -> Floats:
        """Give each route its chance of being the best of the open ones."""
        a = tally.succeeded + self.expected * self.prior
        b = tally.decided - tally.succeeded + (1.0 - self.expected) * self.prior
        mean, deviation = psi(a) - psi(b), np.sqrt(polygamma(1, a) + polygamma(1, b))
        return chance_of_best(mean, deviation, open_routes)


def chance_of_best(mean: Floats, deviation: Floats, open_routes: Flags) -> Floats:
    """Give the chance that each of some normal variables is the greatest among the open ones.

    Args:
        mean: (groups, routes).
        deviation: above 0, (groups, routes).
        open_routes: (routes,); the others get no chance.
    """
    rows = np.flatnonzero(open_routes)
    chance = np.zeros_like(mean)
    mean, deviation = mean[:, rows], deviation[:, rows]
    places = mean[:, :, None] + deviation[:, :, None] * _NODES  # (groups, routes, nodes)
    below = ndtr((places[..., None] - mean[:, None, None, :]) / deviation[:, None, None, :])
    own = np.eye(len(rows), dtype=np.bool_)[None, :, None, :]
    best = np.where(own, 1.0, below).prod(axis=3) @ _WEIGHTS
    chance[:, rows] = best / np.maximum(best.sum(axis=1, keepdims=True), 1e-12)
    return chance
