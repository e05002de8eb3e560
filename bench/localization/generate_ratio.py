"""Draws labelled instances of a ratio whose cause strikes its leaves unequally, as real causes do.

For the choice of settings: the published sets with a ratio are labelled by people and are only reported on.
"""

from collections.abc import Sequence
from itertools import count

import numpy as np

from bench.localization.forecast import expected_bad
from bench.localization.method import Codes, Floats, Instance
from bench.localization.score import Labelled

_SIZES = (6, 7, 2, 7)
_MINUTES = 10
_LAYERS = (0.55, 0.35, 0.1)
"""Chance of a cause of one, two and three attributes."""
_TWO_VALUES = 0.1
"""Chance that a cause of one attribute has two of its values."""
_LEAST_SHARE, _MOST_SHARE = 0.02, 0.85
"""Share of all events that each element has at least, and all of them together at most."""
_LEAST_EXCESS = 20.0

_Element = tuple[tuple[int, ...], tuple[int, ...]]
"""Columns and a value of each."""


def generate_ratio(seed: int) -> Labelled:
    """Draw instances until one has a cause that can be seen at all and that no shorter name has."""
    rng = np.random.default_rng(seed)
    drawn = (_draw(rng, f"generated-ratio-{seed}") for _ in count())
    return next(labelled for labelled in drawn if labelled is not None)


def _draw(rng: np.random.Generator, name: str) -> Labelled | None:
    leaves, volume = _leaves(rng)
    elements = _elements(rng, leaves)
    masks = [_struck(leaves, element) for element in elements]
    shares = [float(volume[mask].sum() / volume.sum()) for mask in masks]
    if min(shares) < _LEAST_SHARE or sum(shares) > _MOST_SHARE:
        return None
    usual = _rates(rng, leaves)
    lift = np.where(np.any(masks, axis=0), _lifts(rng, leaves, elements[0][0]), 1.0)
    now = np.clip(usual * lift * np.exp(rng.normal(0.0, 0.1, len(leaves))), 0.0, 0.95)
    past_total = rng.poisson(volume, (_MINUTES, len(leaves))).astype(np.float64)
    past_bad = rng.binomial(past_total.astype(np.int64), usual).astype(np.float64)
    total = rng.poisson(volume).astype(np.float64)
    bad = rng.binomial(total.astype(np.int64), now).astype(np.float64)
    expected = expected_bad(leaves, past_bad, past_total, total)
    seen = all((bad - expected)[mask].sum() >= _LEAST_EXCESS for mask in masks)
    if not seen or any(_has_shorter_name(leaves, element) for element in elements):
        return None
    values = tuple(tuple(f"{letter}{v}" for v in range(n)) for letter, n in zip("abcd", _SIZES, strict=True))
    instance = Instance(name, tuple("abcd"), values, leaves, bad, expected, total, past_bad, past_total)
    named = frozenset(instance.segment(tuple(zip(*element, strict=True))) for element in elements)
    return Labelled(instance, named)


def _leaves(rng: np.random.Generator) -> tuple[Codes, Floats]:
    """Draw how many events each leaf has in a minute; leaves that hardly have any do not exist."""
    codes: Codes = np.array(list(np.ndindex(*_SIZES)), dtype=np.intp)
    volume = rng.lognormal(0.0, 1.0, len(codes))
    for column, size in enumerate(_SIZES):
        volume *= rng.dirichlet(np.full(size, 0.6))[codes[:, column]]
    volume *= 10.0 ** rng.uniform(3.3, 5.5) / volume.sum()
    kept = volume > 0.5  # noqa: PLR2004 - events a minute
    return codes[kept], volume[kept]


def _elements(rng: np.random.Generator, leaves: Codes) -> list[_Element]:
    layer = int(rng.choice(np.arange(1, len(_LAYERS) + 1), p=_LAYERS))
    columns = tuple(sorted(rng.choice(len(_SIZES), layer, replace=False).tolist()))
    number = 2 if layer == 1 and rng.random() < _TWO_VALUES else 1
    rows = rng.integers(len(leaves), size=number)
    values = {tuple(leaves[row, list(columns)].tolist()) for row in rows}
    return [(columns, value) for value in sorted(values)]


def _rates(rng: np.random.Generator, leaves: Codes) -> Floats:
    """Draw the usual rate of bad events of each leaf: every value has an effect, and so has the leaf."""
    effects = _effects(rng, leaves, range(len(_SIZES)), 0.4) + rng.normal(0.0, 0.2, len(leaves))
    return np.asarray(np.clip(10.0 ** rng.uniform(-2.2, -1.2) * np.exp(effects), 1e-4, 0.5))


def _lifts(rng: np.random.Generator, leaves: Codes, columns: Sequence[int]) -> Floats:
    """Draw how many times more often events are bad; values of other attributes soften or sharpen it."""
    unequal = rng.uniform(0.0, 0.5)
    others = [c for c in range(len(_SIZES)) if c not in columns]
    effects = _effects(rng, leaves, others, unequal) + rng.normal(0.0, unequal, len(leaves))
    return np.maximum(np.exp(rng.uniform(np.log(3.0), np.log(20.0)) + effects), 1.0)


def _effects(rng: np.random.Generator, leaves: Codes, columns: Sequence[int], spread: float) -> Floats:
    effects = np.zeros(len(leaves))
    for column in columns:
        effects += rng.normal(0.0, spread, _SIZES[column])[leaves[:, column]]
    return effects


def _struck(leaves: Codes, element: _Element) -> np.ndarray:
    columns, values = element
    return np.asarray((leaves[:, list(columns)] == np.array(values)).all(axis=1), dtype=np.bool_)


def _has_shorter_name(leaves: Codes, element: _Element) -> bool:
    columns, values = element
    struck, pairs = _struck(leaves, element), tuple(zip(columns, values, strict=True))
    for pair in pairs if len(pairs) > 1 else ():
        fewer = [other for other in pairs if other != pair]
        if np.array_equal(struck, _struck(leaves, (tuple(c for c, _ in fewer), tuple(v for _, v in fewer)))):
            return True
    return False
