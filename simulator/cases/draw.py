"""Draw one case of a family: what is hidden, the first screen, and the answers as they will be told.

The hidden world and the screen come from different random streams, so the screen says nothing about the
world. Every answer is drawn before the first question: asking again gives the same answer, and the order
of questions changes nothing.
"""

import functools
from bisect import bisect
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import orjson

from simulator.cases import names
from simulator.cases.beliefs import FileState, beliefs_of
from simulator.cases.bounds import Draw
from simulator.cases.family import Family, NameKind, Surface
from simulator.cases.graphs import Graph, draw_graph
from simulator.cases.streams import Dice, chances, digest
from simulator.cases.vocabulary import PROBES
from simulator.cases.voices import VOICES

Screen: TypeAlias = dict[str, object]
"""Fields of `PayOpsObservation` by name."""

_CHANCES = 16
"""That a screen and its texts take."""


class Written(NamedTuple):
    """A case as JSON."""

    fixed: str
    """The members of `Case.fixed`, without the braces around them."""
    notes: tuple[str, ...]
    metadata: str


@dataclass(frozen=True)
class Case:
    """One drawn case."""

    key: str
    """Names its random streams."""

    transaction_id: str
    hidden: Draw
    screen: Screen
    """The first screen, without what the episode adds."""
    memo: str
    notes: tuple[str, ...]
    """What each question will answer, in the order of `PROBES`."""

    @functools.cached_property
    def graph(self) -> Graph | None:
        """Draw what is shown after `inspect`; few look at it, and it takes as long as all the rest."""
        finding = self.hidden.family.questions["inspect"][self.hidden.answers[PROBES.index("inspect")]]
        return None if finding.graph is None else draw_graph(finding.graph, self.key)

    @functools.cached_property
    def written(self) -> Written:
        """Write down once what does not change."""
        fixed = self.fixed
        return Written(
            _json(fixed)[1:-1], tuple(_json(note) for note in self.notes), _json(fixed["metadata"])
        )

    @functools.cached_property
    def graph_json(self) -> str:
        """Write the graph once."""
        return _json(self.graph)

    @property
    def fixed(self) -> Screen:
        """Give the fields of an observation that stay as long as the case is on the screen."""
        flags = list(self.hidden.family.surface.flags)
        return {**self.screen, "flags": flags, "metadata": {"memo": self.memo}}

    @property
    def is_illicit(self) -> bool:
        """Tell what the agent's confidence is scored against."""
        return self.hidden.family.worlds[self.hidden.world].is_illicit

    @property
    def amount_usd(self) -> float | None:
        """Give the amount on the screen, or None when it is in another currency."""
        amount = self.screen["amount"]
        return amount if isinstance(amount, float) and self.screen["currency"] == "USD" else None


def draw_case(family: Family, key: str) -> Case:
    """Draw a case; the key names its random streams."""
    hidden = draw_hidden(family, key)
    dice = Dice(_CHANCES, key, "screen")
    transaction_id = f"TX-{digest(key, 'id')[:12]}"
    screen = {"transaction_id": transaction_id, **_screen(family.surface, dice)}
    texts = _texts(screen, dice)
    screen["chain_context"] = None if family.context is None else family.context.format(**texts)
    return Case(
        key=key,
        transaction_id=transaction_id,
        hidden=hidden,
        screen=screen,
        memo=dice.one_of(family.surface.memos).format(**texts),
        notes=tuple(
            dice.one_of(voices[answer]).format(**texts)
            for voices, answer in zip(_voiced(family), hidden.answers, strict=True)
        ),
    )


def draw_hidden(family: Family, key: str) -> Draw:
    """Draw the world and the answer to each question, by inverse distribution functions."""
    beliefs = beliefs_of(family)
    first, *others = chances(1 + len(PROBES), key, "world")
    world = bisect(beliefs.world_steps, first)
    answers: FileState = tuple(
        bisect(steps[world], chance) for steps, chance in zip(beliefs.answer_steps, others, strict=True)
    )
    return Draw(family, world, answers)


@functools.cache
def _voiced(family: Family) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Give the template of each answer to each question in each voice."""
    return tuple(
        tuple(
            tuple(voice.replace("{finding}", finding.text) for voice in VOICES[probe])
            for finding in family.questions[probe]
        )
        for probe in PROBES
    )


def _screen(surface: Surface, dice: Dice) -> Screen:
    """Draw the first screen."""
    risk = surface.risk_score + surface.risk_jitter * dice.normal()
    return {
        "amount": round(surface.amount * dice.between(*surface.amount_jitter), 2),
        "currency": surface.currency,
        "sender": _name(surface.sender, dice),
        "receiver": _name(surface.receiver, dice),
        "transaction_type": surface.transaction_type,
        "risk_score": round(min(max(risk, 0.0), 1.0), 3),
        "ml_confidence": surface.ml_confidence,
        **_velocities(surface, dice),
        "avg_transaction_amount": surface.avg_transaction_amount,
        "account_age_days": surface.account_age_days,
        "country_risk": surface.country_risk,
        "kyc_status": surface.kyc_status,
        "kyc_expiry_days": surface.kyc_expiry_days,
        "previous_violations": surface.previous_violations,
        "previous_sars": surface.previous_sars,
        "counterparty_risk": surface.counterparty_risk,
    }


def _velocities(surface: Surface, dice: Dice) -> Screen:
    """Move both counts by the family's jitter; they stay counts, and a day holds its hours."""
    width = surface.velocity_jitter
    hour, day = dice.whole(-width, width), dice.whole(-width, width)
    in_hour = None if surface.velocity_1h is None else max(surface.velocity_1h + hour, 0)
    in_day = None if surface.velocity_24h is None else max(surface.velocity_24h + day, in_hour or 0)
    return {"velocity_1h": in_hour, "velocity_24h": in_day}


def _name(kind: NameKind, dice: Dice) -> str:
    """Draw a name."""
    first, last = (names.GIVEN, names.FAMILY) if kind == "person" else (names.FIRMS, names.TRADES)
    return f"{dice.one_of(first)} {dice.one_of(last)}"


def _texts(screen: Screen, dice: Dice) -> dict[str, object]:
    """Give what the templates of a family may name."""
    return {
        "sender": screen["sender"],
        "receiver": screen["receiver"],
        "amount": f"{screen['amount']:,.2f}",
        "currency": screen["currency"],
        "bank": dice.one_of(names.BANKS),
        "city": dice.one_of(names.CITIES),
    }


def _json(value: object) -> str:
    """Write anything."""
    return orjson.dumps(value).decode()
