"""Episodes drawn from wide families: faint or total, sudden or slow, wide or narrow, one or two at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import exp, log
from typing import Self
from zlib import crc32

import numpy as np

from payments.segment import Segment
from simulator.traffic.drawn_world import draw_world
from simulator.traffic.effects import Effect, Fails, Slows
from simulator.traffic.families import FAMILIES, PAIRS, Family, Shape
from simulator.traffic.faults import scenario
from simulator.traffic.scenario import Candidates, Scenario, Strike
from simulator.traffic.topology import Topology

_NARROWED = 0.25
"""Share of the episodes that strike only a part of what the cause usually strikes."""
_APART_S = 240.0
_CODES_ALIKE = 12.0
"""Concentration of the mix of codes around the scenario's."""


def signatures() -> tuple[str, ...]:
    """Name every cause that episodes can be drawn of."""
    return (*FAMILIES, "two_at_once")


def draw(signature: str, seed: int) -> Scenario:
    """Draw an episode of a cause; play it with any seed, the same one for short.

    Raises:
        NotFoundError: there is no such cause.
    """
    known = scenario(signature)
    rng = np.random.default_rng((seed, crc32(signature.encode())))
    if known.parts:
        world = draw_world(rng)
        return replace(_pair(known, rng), world=world)
    return draw_of(known, FAMILIES[signature], rng)


def draw_of(known: Scenario, family: Family, rng: np.random.Generator) -> Scenario:
    """Draw an episode of one cause from a family, with its world."""
    world = draw_world(rng)
    if family.at_peak:
        world = replace(world, busiest_hour=world.start.hour + world.start.minute / 60)
    return replace(draw_fault(known, family, rng, float(rng.uniform(60.0, 300.0))), world=world)


def _pair(known: Scenario, rng: np.random.Generator) -> Scenario:
    first, second = (scenario(name) for name in PAIRS[int(rng.integers(len(PAIRS)))])
    onset_s = float(rng.uniform(60.0, 300.0))
    later_s = onset_s + float(rng.choice((0.0, rng.uniform(0.0, _APART_S))))
    return replace(
        known,
        category=first.category,
        right_actions=known.right_actions | first.right_actions | second.right_actions,
        wrong_actions=(first.wrong_actions & second.wrong_actions) - known.right_actions,
        parts=(
            draw_fault(first, FAMILIES[first.name], rng, onset_s),
            draw_fault(second, FAMILIES[second.name], rng, later_s),
        ),
    )


def draw_fault(known: Scenario, family: Family, rng: np.random.Generator, onset_s: float) -> Scenario:
    """Draw one fault of a cause from a family, for any world."""
    form = _Form.draw(family, rng)
    narrower = family.narrower if rng.random() < _NARROWED else ()
    strike = family.strikes[form.seed % len(family.strikes)] if family.strikes else known.effects
    least_per_s = family.least_lost_per_s / min(1.0, form.strength)
    return replace(
        known,
        culprits=_Choice(family.candidates or known.culprits, narrower, form.seed, least_per_s),
        effects=partial(_formed, strike, form),
        onset_s=60.0 * round(onset_s / 60.0) if family.on_the_minute else onset_s,
        duration_s=_between(family.lasts_s, rng),
        margin_s=float(rng.uniform(*family.margin_s)),
    )


@dataclass(frozen=True)
class _Choice:
    """What an episode may strike in a world: never less than is worth finding, if there is any such."""

    candidates: Candidates
    narrower: tuple[str, ...]
    seed: int
    least_per_s: float

    def __call__(self, topology: Topology) -> Sequence[Segment]:
        """Give the candidates, or the narrower ones of one attribute."""
        every = self.candidates(topology)
        large = [segment for segment in every if topology.per_s(segment) >= self.least_per_s]
        return self._narrowed(large, topology) or large or [max(every, key=topology.per_s)]

    def _narrowed(self, segments: Sequence[Segment], topology: Topology) -> Sequence[Segment]:
        """Fix one attribute more, where that leaves a part that is large enough, and not all."""
        if not self.narrower:
            return []
        attribute = self.narrower[self.seed % len(self.narrower)]
        return [
            narrowed
            for segment in segments
            if attribute not in segment.root
            for value in topology.values(attribute)
            for narrowed in (Segment({**segment.root, attribute: value}),)
            if self.least_per_s <= topology.per_s(narrowed) < 0.9 * topology.per_s(segment)
        ]


@dataclass(frozen=True)
class _Form:
    """How strong the effects of one episode are, and how they come and go."""

    shape: Shape
    strength: float
    rise_s: float
    period_s: float
    on_share: float
    seed: int
    """Of the smaller differences."""

    @classmethod
    def draw(cls, family: Family, rng: np.random.Generator) -> Self:
        """Draw every number, whatever the shape needs of them."""
        return cls(
            shape=family.shapes[int(rng.integers(len(family.shapes)))],
            strength=_between(family.strength, rng),
            rise_s=float(rng.uniform(*family.rise_s)),
            period_s=float(rng.uniform(60.0, 300.0)),
            on_share=float(rng.uniform(0.4, 0.8)),
            seed=int(rng.integers(2**31)),
        )

    @property
    def course(self) -> dict[str, float]:
        """The fields of an effect's course that the shape sets."""
        return {
            "step": {},
            "ramp": {"rise_s": self.rise_s},
            "flapping": {"period_s": self.period_s, "on_share": self.on_share},
            "slow_first": {"from_s": self.rise_s, "rise_s": self.rise_s / 2},
        }[self.shape]


def _formed(strike: Strike, form: _Form, segment: Segment) -> tuple[Effect, ...]:
    """Give the usual effects in this form."""
    rng = np.random.default_rng(form.seed)
    return tuple(_form(effect, form, rng) for effect in strike(segment))


def _form(effect: Effect, form: _Form, rng: np.random.Generator) -> Effect:
    if isinstance(effect, Fails):
        mix = rng.dirichlet([_CODES_ALIKE * weight for weight in effect.codes.values()])
        codes = dict(zip(effect.codes, mix.tolist(), strict=True))
        longer = exp(rng.normal(0.0, 0.3))
        effect = replace(effect, codes=codes, latency_ms=effect.latency_ms and effect.latency_ms * longer)
    course = form.course
    if form.shape == "slow_first" and isinstance(effect, Slows):
        course = {"rise_s": form.rise_s}
    return replace(effect, strength=form.strength, **course)


def _between(limits: tuple[float, float], rng: np.random.Generator) -> float:
    """Draw evenly in the logarithm."""
    low, high = limits
    return exp(rng.uniform(log(low), log(high)))
