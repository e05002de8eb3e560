"""A language model beside the engine: what its vote would add, what it costs, and whether it can do harm."""

import argparse
import itertools
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from agents.language_model.opinion import Opinion
from bench.diagnosis.episodes import causes, play
from bench.diagnosis.reliability import Reliability
from bench.llm.asking import Ruled, opinions, ruled
from bench.llm.attacks import ATTACKS, FRAMES
from bench.llm.injections import Tried, try_all
from bench.llm.small_model import NAME, served
from bench.llm.weighing import worth
from bench.options import Measurement
from console.settings import LLM_KEY
from graph.advising import TOKENS_A_CALL, Adviser
from tools.database import open_database
from tools.language_model.kept import KeptCalls
from tools.language_model.openai_compatible import OpenAICompatible

QUICK_CAUSES = 3
HOUR_S = 3_600.0
TOKENS_A_PRICE = 1e6
"""Prices are for so many tokens."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what only this measurement has."""
    parser.add_argument(
        "--base-url", metavar="URL", help="server with OpenAI's API; without it a small model is served here"
    )
    parser.add_argument("--model", default=NAME, metavar="NAME", help=f"its model (default: {NAME})")
    parser.add_argument("--timeout", type=float, default=20.0, metavar="S", help="seconds a call may take")
    parser.add_argument("--price-in", type=float, default=0.0, metavar="USD", help="of a million tokens in")
    parser.add_argument("--price-out", type=float, default=0.0, metavar="USD", help="of a million tokens out")


def measure(given: argparse.Namespace) -> dict[str, object]:
    """Ask about an incident of every cause and seed, and let every attack in."""
    known = causes()[:: len(causes()) // QUICK_CAUSES] if given.quick else causes()
    incidents = [one for one in _incidents(given.seeds, known) if one is not None]
    with nullcontext(given.base_url) if given.base_url else served() as base_url:
        model = OpenAICompatible(base_url, given.model, os.environ.get(LLM_KEY, ""), given.timeout)
        model.load()
        with _adviser(model) as adviser:
            said = [_told(opinion) for opinion in opinions(incidents, adviser)]
    attacks = ATTACKS[:: len(ATTACKS) // len(FRAMES)] if given.quick else ATTACKS
    return _numbers(incidents, said, given) | _harm(try_all(attacks, given.seeds[0]))


def _incidents(seeds: Sequence[int], known: Sequence[str]) -> Iterator[Ruled | None]:
    for seed in seeds:
        sys.stderr.write(f"seed {seed}: {len(known)} incidents\n")
        for cause in known:
            yield ruled(play(cause, seed))


@contextmanager
def _adviser(model: OpenAICompatible) -> Iterator[Adviser]:
    apart = itertools.count(step=HOUR_S)  # as incidents are, so that the breaker hides no failure
    with TemporaryDirectory() as folder:
        engine = open_database(Path(folder) / "calls.db")
        calls = KeptCalls(engine)
        calls.make_table()
        try:
            yield Adviser(
                model=model,
                calls=calls,
                weight=0.0,
                tokens_per_incident=TOKENS_A_CALL,
                clock=lambda: datetime.now(UTC),
                seconds=apart.__next__,
                tell=lambda _: None,
            )
        finally:
            engine.dispose()


def _told(opinion: Opinion) -> Opinion:
    sys.stderr.write(f"asked: {opinion.fallback or 'answered'}, {opinion.usage.seconds:.1f} s\n")
    return opinion


def _numbers(
    incidents: Sequence[Ruled], said: Sequence[Opinion], given: argparse.Namespace
) -> dict[str, object]:
    tokens_in = sum(one.usage.tokens_in for one in said)
    tokens_out = sum(one.usage.tokens_out for one in said)
    reasons = Counter(one.fallback.value for one in said if one.fallback is not None)
    seconds = [one.usage.seconds for one in said if one.usage.calls]
    found = worth(list(zip(incidents, said, strict=True)))
    told = Reliability.of([one.diagnosis.confidence for one in incidents], [one.right for one in incidents])
    spent = (given.price_in * tokens_in + given.price_out * tokens_out) / TOKENS_A_PRICE
    return {
        "model": given.model,
        "incidents": len(incidents),
        "engine_top1": found.engine_top1,
        "with_model_top1": found.with_model_top1,
        "held_out": asdict(found),
        "ece": told.ece,
        "fallbacks": sum(reasons.values()),
        "fallbacks_by_reason": dict(reasons),
        "calls": sum(one.usage.calls for one in said),
        "seconds_p50": float(np.percentile(seconds, 50)) if seconds else 0.0,
        "seconds_p95": float(np.percentile(seconds, 95)) if seconds else 0.0,
        "timeout_s": given.timeout,
        "tokens": tokens_in + tokens_out,
        "tokens_in_most": max((one.usage.tokens_in for one in said), default=0),
        "tokens_out_most": max((one.usage.tokens_out for one in said), default=0),
        "cost_usd": spent,
    }


def _harm(tried: Tried) -> dict[str, object]:
    return {
        "injections": tried.injections,
        "injections_effective": tried.effective,
        "injections_fields_changed": list(tried.differing),
        "injections_requests": tried.sent,
        "injections_leaked": tried.leaked,
        "injections_opinions_given": tried.opinions,
    }


MEASUREMENT = Measurement(
    words="Asks a language model about simulated incidents, and attacks the crew through it.",
    measure=measure,
    add_options=add_options,
    seeds=range(20_000, 20_002),
)
