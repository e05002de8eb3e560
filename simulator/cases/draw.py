"""Draw one case of a family: what is hidden, the first screen, and the answers as they will be told.

The hidden world and the screen come from different random streams, so the screen says nothing about the
world. Every answer is drawn before the first question: asking again gives the same answer, and the order
of questions changes nothing.
"""

import functools
import itertools
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import orjson

from simulator.cases import names
from simulator.cases.beliefs import FileState, beliefs_of
from simulator.cases.bounds import Draw
from simulator.cases.family import Family, NameKind, Surface
from simulator.cases.graphs import Graph, draw_graph
from simulator.cases.streams import digest, stream
from simulator.cases.vocabulary import PROBES
from simulator.cases.voices import VOICES

Screen: TypeAlias = dict[str, object]
"""Fields of `PayOpsObservation` by name."""


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

    @property
    def fixed(self) -> Screen:
        """Give the fields of an observation that stay as long as the case is on the screen."""
        flags = list(self.hidden.family.surface.flags)
        return {**self.screen, "flags": flags, "metadata": {"memo": self.memo}}

    @functools.cached_property
    def fixed_json(self) -> bytes:
        """Write the fixed fields once."""
        return orjson.dumps(self.fixed)

    @functools.cached_property
    def graph_json(self) -> orjson.Fragment:
        """Write the graph once."""
        return orjson.Fragment(orjson.dumps(self.graph))

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
    transaction_id = f"TX-{digest(key, 'id')[:12]}"
    screen = _screen(family, stream(key, "screen"))
    texts = _texts(screen, stream(key, "texts"))
    findings = [family.questions[probe][answer] for probe, answer in zip(PROBES, hidden.answers, strict=True)]
    voices = stream(key, "voices").integers(0, 3, len(PROBES))
    notes = tuple(
        VOICES[probe][voice].format(finding=finding.text.format(**texts))
        for probe, voice, finding in zip(PROBES, voices, findings, strict=True)
    )
    return Case(
        key=key,
        transaction_id=transaction_id,
        hidden=hidden,
        screen={
            "transaction_id": transaction_id,
            **screen,
            "chain_context": None if family.context is None else family.context.format(**texts),
        },
        memo=family.surface.memos[int(stream(key, "memo").integers(len(family.surface.memos)))].format(
            **texts
        ),
        notes=notes,
    )


def draw_hidden(family: Family, key: str) -> Draw:
    """Draw the world and the answer to each question, by inverse distribution functions."""
    beliefs = beliefs_of(family)
    chances = stream(key, "world").random(1 + len(PROBES))
    world = _pick(beliefs.priors, chances[0])
    answers: FileState = tuple(
        _pick(table[:, world], chance) for table, chance in zip(beliefs.odds, chances[1:], strict=True)
    )
    return Draw(family, world, answers)


def _pick(weights: np.ndarray, chance: float) -> int:
    """Give the index where the running sum passes the chance; rounding may leave it just short of 1."""
    shares = weights.tolist()
    for at, passed in enumerate(itertools.accumulate(shares)):
        if passed > chance:
            return at
    return max(at for at, share in enumerate(shares) if share > 0)


def _screen(family: Family, rng: np.random.Generator) -> Screen:
    """Draw the first screen with its jitter."""
    surface = family.surface
    low, high = surface.amount_jitter
    risk = surface.risk_score + rng.normal(0.0, surface.risk_jitter)
    return {
        "amount": round(surface.amount * float(rng.uniform(low, high)), 2),
        "currency": surface.currency,
        "sender": _name(surface.sender, rng),
        "receiver": _name(surface.receiver, rng),
        "transaction_type": surface.transaction_type,
        "risk_score": round(min(max(float(risk), 0.0), 1.0), 3),
        "ml_confidence": surface.ml_confidence,
        **_velocities(surface, rng),
        "avg_transaction_amount": surface.avg_transaction_amount,
        "account_age_days": surface.account_age_days,
        "country_risk": surface.country_risk,
        "kyc_status": surface.kyc_status,
        "kyc_expiry_days": surface.kyc_expiry_days,
        "previous_violations": surface.previous_violations,
        "previous_sars": surface.previous_sars,
        "counterparty_risk": surface.counterparty_risk,
    }


def _velocities(surface: Surface, rng: np.random.Generator) -> Screen:
    """Move both counts by the family's jitter; they stay counts, and a day holds its hours."""
    width = surface.velocity_jitter
    hour, day = (int(step) for step in rng.integers(-width, width + 1, size=2))
    in_hour = None if surface.velocity_1h is None else max(surface.velocity_1h + hour, 0)
    in_day = None if surface.velocity_24h is None else max(surface.velocity_24h + day, in_hour or 0)
    return {"velocity_1h": in_hour, "velocity_24h": in_day}


def _name(kind: NameKind, rng: np.random.Generator) -> str:
    """Draw a name."""
    first, last = (names.GIVEN, names.FAMILY) if kind == "person" else (names.FIRMS, names.TRADES)
    return f"{first[int(rng.integers(len(first)))]} {last[int(rng.integers(len(last)))]}"


def _texts(screen: Screen, rng: np.random.Generator) -> dict[str, object]:
    """Give what the templates of a family may name."""
    return {
        "sender": screen["sender"],
        "receiver": screen["receiver"],
        "amount": f"{screen['amount']:,.2f}",
        "currency": screen["currency"],
        "bank": names.BANKS[int(rng.integers(len(names.BANKS)))],
        "city": names.CITIES[int(rng.integers(len(names.CITIES)))],
    }
