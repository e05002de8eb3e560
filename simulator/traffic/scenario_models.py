"""What a scenario file may say: a world and one to three faults in it, each with the right answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, Field, model_validator

from payments.action import ActionKind
from payments.diagnosis import Category
from payments.segment import Segment
from simulator.traffic.config import LateReports, WorldConfig
from simulator.traffic.effect_models import (
    CULPRIT,
    DAY_S,
    KINDS,
    AnyEffect,
    Attacks,
    Attribute,
    Codes,
    EffectModel,
    Latency,
    Moves,
    Name,
    Place,
    Scoped,
    Share,
    Strict,
    Surges,
    Weight,
    one_of,
)
from simulator.traffic.effects import Effect
from simulator.traffic.scenario import DURATION_S, ONSET_S, Backup, Scenario
from simulator.traffic.topology import Topology

ANY = "any"
"""Stands in a culprit for a value that the seed draws."""

_BUSIEST = 20.0
"""Multiple of the usual payments that the effects of a file may add up to."""


class LateModel(Strict):
    """A share of the increments is reported so long after its end; meanwhile later ones come in."""

    share: Annotated[float, Field(ge=0.0, le=0.5)]
    after_s: Annotated[float, Field(ge=1.0, le=300.0)]


class WorldModel(Strict):
    """Sizes and habits; what is left out is as in the usual world."""

    issuers: Annotated[int, Field(ge=1, le=50)] | None = None
    routes: Annotated[dict[Name, Weight], Field(min_length=1, max_length=6)] | None = None
    merchants: Annotated[dict[Name, Weight], Field(min_length=1, max_length=10)] | None = None
    payments_per_s: Annotated[float, Field(ge=0.1, le=1_000.0)] | None = None
    busiest_hour: Annotated[float, Field(ge=0.0, le=24.0)] | None = None
    success_rate: Annotated[float, Field(ge=0.5, le=0.999)] | None = None
    rho: Annotated[float, Field(ge=1e-4, le=0.2)] | None = None
    retry_share: Annotated[float, Field(ge=0.0, le=1.0)] | None = None
    start: AwareDatetime | None = None
    tick_s: Annotated[float, Field(ge=1.0, le=10.0)] | None = None
    history_ticks: Annotated[int, Field(ge=1, le=5_000)] | None = None
    late_reports: LateModel | None = None

    def config(self) -> WorldConfig:
        """Make the world's config."""
        usual = WorldConfig.with_issuers(self.issuers) if self.issuers else WorldConfig()
        own = {"issuers", "routes", "merchants", "late_reports"}
        given: dict[str, Any] = self.model_dump(exclude=own, exclude_none=True)
        given["late"] = LateReports(**self.late_reports.model_dump()) if self.late_reports else None
        names = {"psps": self.routes, "merchants": self.merchants}
        given |= {name: tuple(weights.items()) for name, weights in names.items() if weights}
        return replace(usual, **given)


class BackupModel(Strict):
    """Another route, drawn by the seed, fails what is moved onto it; its own payments are served as ever."""

    share: Share
    codes: Codes
    latency_ms: Latency
    at_door: bool = False

    def drawn(self) -> Backup:
        """Make the backup; which of the routes it is depends on the seed."""
        return Backup(**self.model_dump())


class FaultModel(Strict):
    """One thing that goes wrong, or only seems to."""

    category: Category
    cause: Annotated[
        Name | None, Field(description="What a diagnosis should name; null: the file's name.")
    ] = None
    culprit: Annotated[
        dict[Attribute, Name], Field(description=f"Attribute -> value, or {ANY!r} for what the seed draws.")
    ]
    at_least_per_s: Annotated[
        float, Field(ge=0.0, le=1e3, description="Payments that a drawn culprit has.")
    ] = 0.0
    right_actions: Annotated[list[ActionKind], Field(min_length=1)]
    wrong_actions: tuple[ActionKind, ...] = ()
    onset_s: Annotated[float, Field(ge=0.0, le=DAY_S)] = ONSET_S
    duration_s: Annotated[float, Field(ge=1.0, le=DAY_S)] = DURATION_S
    calendar: Annotated[
        str | None, Field(max_length=200, description="Note in the calendar, of what is planned.")
    ] = None
    effects: Annotated[tuple[AnyEffect, ...], Field(max_length=12)]
    broken_backup: BackupModel | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        both = sorted(action.value for action in set(self.right_actions) & set(self.wrong_actions))
        if both:
            msg = f"{', '.join(both)} cannot be right and wrong"
            raise ValueError(msg)
        nameless = [one.kind for one in self.effects if isinstance(one, Moves) and one.to == CULPRIT]
        if nameless and "psp" not in self.culprit:
            msg = "an effect moves payments to the culprit's route, but the culprit names no psp"
            raise ValueError(msg)
        return self

    def scenario(self, name: str, description: str) -> Scenario:
        """Make the fault as a scenario of its own."""
        return Scenario(
            name=self.cause or name,
            description=description,
            category=self.category,
            right_actions=frozenset(self.right_actions),
            wrong_actions=frozenset(self.wrong_actions),
            culprits=Named(tuple(sorted(self.culprit.items())), self.at_least_per_s),
            effects=Written(self.effects),
            onset_s=self.onset_s,
            duration_s=self.duration_s,
            planned=self.calendar,
            kind=name,
            backup=self.broken_backup.drawn() if self.broken_backup else None,
        )


class ScenarioModel(Strict):
    """A scenario for the simulator."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
    description: Annotated[str, Field(min_length=1, max_length=500)]
    world: WorldModel = WorldModel()
    faults: Annotated[list[FaultModel], Field(min_length=1, max_length=3)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        values = _values(self.world.config())
        for number, fault in enumerate(self.faults):
            for place, words in _named(fault):
                for attribute, value in words.items():
                    known = (*values[attribute], ANY if place == "culprit" else CULPRIT)
                    one_of(value, known, attribute, f"faults.{number}.{place}: ")
        effects = [effect for fault in self.faults for effect in fault.effects]
        surges = prod(max(1.0, e.factor * e.strength) for e in effects if isinstance(e, Surges))
        attacks = sum(e.factor * e.strength for e in effects if isinstance(e, Attacks))
        if surges + attacks > _BUSIEST:
            times = f"{surges + attacks:g} times the usual payments"
            msg = f"faults: surges and attacks add up to {times}; at most {_BUSIEST:g} can be played"
            raise ValueError(msg)
        return self

    def scenario(self) -> Scenario:
        """Make the scenario; several faults strike independently."""
        parts = tuple(fault.scenario(self.name, self.description) for fault in self.faults)
        first, world = parts[0], self.world.config()
        if len(parts) == 1:
            return replace(first, world=world)
        right = frozenset.union(*(part.right_actions for part in parts))
        wrong = frozenset.intersection(*(part.wrong_actions for part in parts)) - right
        return Scenario(
            name=self.name,
            description=self.description,
            category=first.category,
            right_actions=right,
            wrong_actions=wrong,
            parts=parts,
            kind=self.name,
            world=world,
        )


def fields_at(place: Sequence[str | int]) -> tuple[str, ...]:
    """Name the fields that may be written at a place of a file."""
    names = tuple(part for part in place if isinstance(part, str))
    model = _PLACES.get(names) or KINDS[names[-1]]
    return tuple(model.model_fields)


_PLACES: Mapping[tuple[str, ...], type[Strict]] = {
    (): ScenarioModel,
    ("world",): WorldModel,
    ("world", "late_reports"): LateModel,
    ("faults",): FaultModel,
    ("faults", "broken_backup"): BackupModel,
}


@dataclass(frozen=True)
class Named:
    """The segments of a world that a file's culprit may mean."""

    values: tuple[tuple[str, str], ...]
    at_least_per_s: float = 0.0

    def __call__(self, topology: Topology) -> Sequence[Segment]:
        """Give those with payments; the largest one, if none is as large as asked for."""
        names = [name for name, _ in self.values]
        choices = (topology.values(name) if value == ANY else (value,) for name, value in self.values)
        every = [Segment(dict(zip(names, chosen, strict=True))) for chosen in product(*choices)]
        paid = [segment for segment in every if topology.per_s(segment) > 0.0]
        large = [segment for segment in paid if topology.per_s(segment) >= self.at_least_per_s]
        return large or sorted(paid, key=topology.per_s)[-1:]


@dataclass(frozen=True)
class Written:
    """What a file says that happens when a segment is struck."""

    models: tuple[EffectModel, ...]

    def __call__(self, culprit: Segment) -> tuple[Effect, ...]:
        """Make the effects."""
        return tuple(model.on(culprit) for model in self.models)


def _named(fault: FaultModel) -> Sequence[tuple[str, Place]]:
    """Give every place where a fault names values of attributes, with its path."""
    scopes = [
        (f"effects.{number}.scope", effect.scope)
        for number, effect in enumerate(fault.effects)
        if isinstance(effect, Scoped | Moves) and effect.scope is not None
    ]
    targets = [
        (f"effects.{number}.to", {"psp": effect.to})
        for number, effect in enumerate(fault.effects)
        if isinstance(effect, Moves)
    ]
    return [("culprit", fault.culprit), *scopes, *targets]


def _values(config: WorldConfig) -> dict[str, tuple[str, ...]]:
    """Give the values that each attribute has in a world."""
    return {
        "issuer": config.issuers,
        "country": tuple(dict.fromkeys(config.countries[: len(config.issuers)])),
        "method": tuple(dict.fromkeys(method for method, _, _ in config.combos)),
        "network": config.networks,
        "psp": tuple(name for name, _ in config.psps),
        "merchant": tuple(name for name, _ in config.merchants),
    }
