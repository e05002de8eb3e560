"""Whether the cells of a group changed alike: by the ripple effect a cause changes them all by one share."""

import numpy as np

from agents.analyst.cube import Floats

_SHARES = (np.arange(40) + 0.5) / 40.0
"""Shares by which a group may have changed, all as likely."""
_SPREAD = 0.1
"""Standard deviation of the cells of one group around its share."""
_APART = 0.2
"""Struck cells that changed by any share of their own all the same."""
_MOST_CELLS = 256
"""Cells that are looked at; more say the same of a group."""


def disagreement(evidence: Floats, change: Floats, unmoved: Floats) -> float:
    """Give the nats that a group's evidence loses when its cells must have changed alike; 0 when they did.

    Columns of shape (cells,): the evidence in nats for a change of any share, the share by which each cell
    changed, and the chance that a struck cell looks normal. The group's share is integrated out, so that one
    cell alone loses and gains nothing.
    """
    rows = np.flatnonzero(evidence)
    if len(rows) <= 1:
        return 0.0
    looked_at = rows[np.linspace(0, len(rows) - 1, min(len(rows), _MOST_CELLS)).astype(np.intp)]
    alike = _alike(evidence[looked_at], change[looked_at], unmoved[looked_at])
    of_share = alike.sum(axis=0) * (len(rows) / len(looked_at))
    most = float(of_share.max())
    return min(0.0, most + float(np.log(np.mean(np.exp(of_share - most)))))


def _alike(evidence: Floats, change: Floats, unmoved: Floats) -> Floats:
    """Give the nats that each cell gains under each share of the group: shape (cells, shares)."""
    distance = (change[:, None] - _SHARES) / _SPREAD
    density = np.exp(-0.5 * distance * distance) / (_SPREAD * np.sqrt(2.0 * np.pi))
    moved = np.maximum(np.exp(evidence) - unmoved, 0.0)
    mixed = unmoved[:, None] + moved[:, None] * (_APART + (1.0 - _APART) * density)
    return np.asarray(np.log(mixed) - evidence[:, None], dtype=np.float64)
