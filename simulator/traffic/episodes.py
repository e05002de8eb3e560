"""Episodes that measure what a policy is worth: what goes wrong, how often, how long, what comes on top."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log
from types import MappingProxyType
from zlib import crc32

import numpy as np

from payments.action import ActionKind
from payments.segment import Segment
from simulator.traffic import culprits, strikes
from simulator.traffic.config import LateReports, WorldConfig
from simulator.traffic.drawn import draw, draw_fault, draw_of, signatures
from simulator.traffic.families import FAMILIES, Family
from simulator.traffic.faults import scenario
from simulator.traffic.scenario import Backup, Candidates, Scenario, nothing_happens
from simulator.traffic.topology import Topology

LIVE_S = 75 * 60.0
"""From the first live increment to the end of an episode; every fault ends before."""

_HISTORY_TICKS = 360
_PATIENCE_S = 120.0
"""An assumption: without it whoever makes customers wait for long would only ever gain."""
_ONSET_S = (300.0, 720.0)
_LASTS_S = (1_200.0, 1_800.0, 2_400.0, 3_000.0)
"""In turn, so that each is as frequent as the others: a minute of delay costs most in the shortest."""
_BRIEF = frozenset({"settlement_cutover", "low_volume_noise"})
"""What lasts minutes by nature."""
_SECOND_SHARE, _SECOND_WITHIN_S = 0.2, 600.0
_SECONDS = ("issuer_outage", "psp_issuer_link", "psp_outage", "method_outage", "card_testing")
"""What may strike besides: each of them fits any world."""
_BROKEN_SHARE = 0.1
"""Of each kind of route fault; with the kind `broken_backup` itself it is a fifth of all route faults."""
_LATE_SHARE = 0.2
_LOW_VOLUME_PER_S = (0.3, 2.0)
_LARGE = WorldConfig.with_issuers(20)
"""2,000 cells."""


@dataclass(frozen=True)
class _Few:
    """Of some segments those where little is paid, or else the one where least is."""

    every: Candidates

    def __call__(self, topology: Topology) -> Sequence[Segment]:
        low, high = _LOW_VOLUME_PER_S
        segments = self.every(topology)
        few = [segment for segment in segments if low <= topology.per_s(segment) <= high]
        return few or [min(segments, key=topology.per_s)]


@dataclass(frozen=True)
class _NotAll:
    """Of some segments those that leave payments for another fault to strike."""

    every: Candidates

    def __call__(self, topology: Topology) -> Sequence[Segment]:
        return [segment for segment in self.every(topology) if len(segment)]


_BROKEN = ("psp_outage", "psp_outage", "expired_cert", "psp_brownout", "psp_issuer_link")
"""What those flee whose backup is broken."""

_OF_ITS_OWN: Mapping[str, tuple[str, Family]] = {
    "gray": (
        "psp_outage",
        replace(
            FAMILIES["psp_outage"],
            strength=(0.7, 1.5),
            shapes=("step", "step", "ramp"),
            narrower=(),
            strikes=(strikes.gray,),
            least_lost_per_s=strikes.GRAY_SHARE * 2.0,
        ),
    ),
    "low_volume_link": (
        "psp_issuer_link",
        replace(FAMILIES["psp_issuer_link"], candidates=_Few(culprits.every_link), narrower=(), at_peak=True),
    ),
    "low_volume_outage": (
        "psp_outage",
        replace(FAMILIES["psp_outage"], candidates=_Few(culprits.routes), narrower=(), at_peak=True),
    ),
}
"""Kinds that are not a signature of their own: the cause that they show, and how it is drawn."""

KINDS: tuple[str, ...] = (*signatures(), *_OF_ITS_OWN, "broken_backup")
"""Everything that an episode can be reported under."""

ROUTE_FAULTS = frozenset(
    {"psp_outage", "psp_issuer_link", "routing_misconfig", "expired_cert", "psp_brownout", *_OF_ITS_OWN}
)
"""Kinds that are answered by moving payments to other routes."""

_CULPRITS_A_WORLD: Mapping[str, Callable[[WorldConfig], int]] = MappingProxyType(
    {
        "low_volume_link": lambda world: len(world.issuers) * len(world.psps),
        "low_volume_outage": lambda world: len(world.psps),
    }
)


def kind_of(seed: int) -> str:
    """Give the kind of a seed: all kinds in turn."""
    return KINDS[seed % len(KINDS)]


def episode(kind: str, seed: int) -> Scenario:
    """Draw an episode of a kind; play it with the same seed.

    What it is reported under is its `kind`: that of a route fault whose backup is broken is `broken_backup`.

    Raises:
        NotFoundError: there is no such kind.
    """
    rng = np.random.default_rng((seed, crc32(f"episode of {kind}".encode())))
    drawn = _timed(_drawn(kind, seed), kind, seed, rng)
    world = replace(drawn.world, history_ticks=_HISTORY_TICKS, patience_s=_PATIENCE_S)
    drawn = replace(drawn, kind=kind, world=world)
    broken = rng.random() < _BROKEN_SHARE and kind in ROUTE_FAULTS
    if broken or kind == "broken_backup":
        drawn = _with_broken_backup(drawn, rng)
    late = _late_reports(rng)
    if late is not None:
        world = replace(drawn.world, late=late)
        drawn = replace(drawn, world=world, marks=drawn.marks | {"late_reports"})
    has_second = rng.random() < _SECOND_SHARE
    return _with_second(drawn, seed, rng) if has_second and _is_one_fault(drawn) else drawn


def quiet_twin(drawn: Scenario) -> Scenario:
    """Give the same world and luck with nothing wrong, but for a backup that nobody knows to be broken."""
    parts = tuple(quiet_twin(part) for part in drawn.parts)
    return replace(drawn, effects=nothing_happens, planned=None, parts=parts)


def at_large(drawn: Scenario) -> Scenario:
    """Give the same fault in a world of 2,000 cells with 400 payments a second."""
    world = replace(
        drawn.world,
        issuers=_LARGE.issuers,
        combos=_LARGE.combos,
        psps=_LARGE.psps,
        merchants=_LARGE.merchants,
        payments_per_s=2.0 * _LARGE.payments_per_s,
    )
    return replace(drawn, world=world)


def _drawn(kind: str, seed: int) -> Scenario:
    rng = np.random.default_rng((seed, crc32(kind.encode())))
    if kind in _OF_ITS_OWN:
        cause, family = _OF_ITS_OWN[kind]
        return _at_low_volume(draw_of(scenario(cause), family, rng), kind, rng)
    if kind == "broken_backup":
        return draw(_BROKEN[seed // len(KINDS) % len(_BROKEN)], seed)
    return draw(kind, seed)


def _at_low_volume(drawn: Scenario, kind: str, rng: np.random.Generator) -> Scenario:
    """Let so little be paid that a typical culprit sees a payment in some seconds, or two in one."""
    if kind not in _CULPRITS_A_WORLD:
        return drawn
    low, high = (log(per_s) for per_s in _LOW_VOLUME_PER_S)
    payments_per_s = exp(rng.uniform(low, high)) * _CULPRITS_A_WORLD[kind](drawn.world)
    return replace(drawn, world=replace(drawn.world, payments_per_s=payments_per_s))


def _timed(drawn: Scenario, kind: str, seed: int, rng: np.random.Generator) -> Scenario:
    """Give every fault time to be found, and an end that is seen; what lasts minutes by nature still does."""
    first_s = min([part.onset_s for part in drawn.parts], default=drawn.onset_s)
    later_s = float(rng.uniform(*_ONSET_S)) - first_s
    if drawn.parts:
        parts = (_lasting(replace(part, onset_s=part.onset_s + later_s), seed) for part in drawn.parts)
        return replace(drawn, parts=tuple(parts))
    onset_s = drawn.onset_s + later_s
    on_the_minute = kind in FAMILIES and FAMILIES[kind].on_the_minute
    return _lasting(replace(drawn, onset_s=60.0 * round(onset_s / 60.0) if on_the_minute else onset_s), seed)


def _lasting(drawn: Scenario, seed: int) -> Scenario:
    if drawn.name in _BRIEF:
        return drawn
    return replace(drawn, duration_s=_LASTS_S[seed // len(KINDS) % len(_LASTS_S)])


def _with_broken_backup(drawn: Scenario, rng: np.random.Generator) -> Scenario:
    """Let one of the other routes refuse at once what is moved onto it, or not answer."""
    refuses = bool(rng.random() < 0.5)  # noqa: PLR2004 - as often as not
    backup = Backup(
        share=float(rng.uniform(0.85, 1.0)),
        codes={"03": 0.6, "58": 0.4} if refuses else {"timeout": 0.7, "http_5xx": 0.3},
        latency_ms=70.0 if refuses else 8_000.0,
        at_door=refuses,
    )
    return replace(drawn, kind="broken_backup", marks=drawn.marks | {"broken_backup"}, backup=backup)


def _late_reports(rng: np.random.Generator) -> LateReports | None:
    """Let some increments come late, in some episodes of every kind."""
    late = LateReports(share=float(rng.uniform(0.02, 0.1)), after_s=float(rng.uniform(5.0, 30.0)))
    return late if rng.random() < _LATE_SHARE else None


def _is_one_fault(drawn: Scenario) -> bool:
    return not drawn.parts and ActionKind.NONE not in drawn.right_actions


def _with_second(first: Scenario, seed: int, rng: np.random.Generator) -> Scenario:
    """Let another fault begin within some minutes, elsewhere; the first one gives the name."""
    names = [name for name in _SECONDS if name != first.name]
    other = scenario(names[int(rng.integers(len(names)))])
    onset_s = first.onset_s + float(rng.uniform(0.0, _SECOND_WITHIN_S))
    second = _lasting(draw_fault(other, FAMILIES[other.name], rng, onset_s), seed)
    return replace(
        first,
        right_actions=first.right_actions | second.right_actions,
        wrong_actions=(first.wrong_actions & second.wrong_actions) - first.right_actions,
        culprits=culprits.everything,
        effects=nothing_happens,
        backup=None,
        marks=first.marks | {"second_fault"},
        parts=(replace(first, culprits=_NotAll(first.culprits)), second),
    )
