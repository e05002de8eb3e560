"""The case environment on this machine: serve it, or play it in the terminal."""

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from payments.errors import InputError
from simulator.cases.engine import Episode
from simulator.cases.moves import Move
from simulator.cases.policies import optimal
from simulator.cases.policies import play as play_out
from simulator.cases.splits import split_named
from simulator.cases.views import agent_view
from simulator.cases.vocabulary import PROBES, REPORTS, ActionType

_WORDS: Final[Mapping[str, ActionType]] = {
    "1": "inspect",
    "2": "request_docs",
    "3": "verify_kyc",
    "4": "contact_sender",
    "5": "approve",
    "6": "reject",
    "7": "hold",
    "8": "flag",
    "9": "escalate",
    "0": "file_sar",
}
_HELP: Final = (
    "Ask: 1 inspect (0.10)  2 request_docs (0.20)  3 verify_kyc (0.20)  4 contact_sender (0.30)\n"
    "Decide: 5 approve  6 reject  7 hold  8 flag  9 escalate  0 file_sar (0.10)\n"
    "A report and your P(illicit) may follow, as in: hold sar .9   approve ctr   7 ofac 1\n"
    "? shows this, q ends the episode: what is not decided goes out."
)
_SHOWN: Final = (
    ("Risk score", "risk_score"),
    ("Model's confidence", "ml_confidence"),
    ("Flags", "flags"),
    ("Payments in 1 h, 24 h", "velocity_1h", "velocity_24h"),
    ("Average payment", "avg_transaction_amount"),
    ("Account age, days", "account_age_days"),
    ("Country risk", "country_risk"),
    ("Identity check", "kyc_status", "kyc_expiry_days"),
    ("Violations, SARs", "previous_violations", "previous_sars"),
    ("Counterparty", "counterparty_risk"),
    ("What led here", "chain_context"),
    ("1 inspect", "inspection_notes"),
    ("2 documents", "docs_notes"),
    ("3 identity", "kyc_notes"),
    ("4 sender", "contact_notes"),
)


def serve(host: str, port: int) -> None:
    """Serve the environment until interrupted."""
    from simulator.cases.server.app import serve as on_serve

    sys.stderr.write(f"Serving the case environment on http://{host}:{port} (Ctrl-C ends it).\n")
    on_serve(host, port)


def play(split: str, index: int | None, seed: int) -> None:
    """Let a person play one episode; the end of the input ends it too."""
    chosen = split_named(split)
    task = chosen.task(seed % len(chosen.tasks) if index is None else index)
    episode = Episode(task, seed, chosen.streams)
    console = Console(highlight=False)
    console.print(_HELP)
    for line in _lines(console, episode):
        _take(episode, line, console.print)
    episode.walk_away()
    console.print(_verdict(episode, play_out(optimal, Episode(task, seed, chosen.streams))))


def _lines(console: Console, episode: Episode) -> Iterator[str]:
    """Show the case and read what the player wants, until the episode is over or they leave."""
    seen: tuple[object, ...] = ()
    while not episode.done:
        if seen != (episode.position, episode.state):
            seen = (episode.position, episode.state)
            console.print(_screen(episode))
        try:
            line = console.input("> ").strip().lower()
        except EOFError:
            return
        if line in {"q", "quit", "exit"}:
            return
        yield line


def _take(episode: Episode, line: str, say: Callable[[str | Text], None]) -> None:
    """Carry out one line of the player."""
    if line in {"", "?", "h", "help"}:
        say(_HELP)
        return
    try:
        move = _move(line, episode.case.transaction_id)
    except InputError as error:
        say(Text(str(error)))
        return
    decided = len(episode.decisions)
    episode.take(move)
    if episode.error is not None:
        say(Text(episode.error))
    elif len(episode.decisions) > decided:
        say("Decided.")


def _move(line: str, transaction_id: str) -> Move:
    """Read a move: a word or its number, then perhaps a report and a probability.

    Raises:
        InputError: it is none.
    """
    word, *rest = line.split()
    action_type = _WORDS.get(word) or next((a for a in _WORDS.values() if a == word), None)
    if action_type is None:
        raise InputError(f"{word[:40]!r} is no action; ? lists them.")
    report = next((part for part in rest if part in REPORTS), None)
    others = [part for part in rest if part != report]
    if len(others) > 1 or (report is not None and action_type in PROBES):
        raise InputError("After the action comes at most a report, if it decides, and a probability.")
    metadata = {} if report is None else {"report": report}
    return Move(action_type, transaction_id, "", _confidence(others), metadata)


def _confidence(parts: list[str]) -> float | None:
    """Read P(illicit).

    Raises:
        InputError: it is no probability.
    """
    if not parts:
        return None
    try:
        confidence = float(parts[0])
    except ValueError:
        confidence = -1.0
    if not 0.0 <= confidence <= 1.0:
        raise InputError(
            f"{parts[0][:40]!r} is neither one of {', '.join(REPORTS)} nor a number from 0 to 1."
        )
    return confidence


def _screen(episode: Episode) -> RenderableType:
    """Draw the case as it stands."""
    screen = agent_view(episode)
    table = Table(show_header=False, box=None, pad_edge=False)
    for title, *fields in _SHOWN:
        values = [screen[name] for name in fields if screen[name] not in (None, [])]
        if values:
            table.add_row(title, Text(", ".join(_words(value) for value in values)))
    head = f"{screen['amount']:,.2f} {screen['currency']}, {screen['transaction_type']}"
    budget = f"budget {screen['budget_remaining']:.1f}, {screen['steps_remaining']} steps"
    return Group(
        Text(f"\nCase {screen['chain_step']}: {screen['sender']} -> {screen['receiver']}, {head}", "bold"),
        Text(f"{episode.case.memo!r}; {budget}", "dim"),
        table,
    )


def _verdict(episode: Episode, best: Episode) -> RenderableType:
    """Draw the end: the score, the regret, and what was true."""
    lost, least = episode.ledger.total, best.ledger.total
    table = Table("case", "it was", "you", "lost", "least", box=None, pad_edge=False)
    for case, decision in zip(episode.cases, episode.decisions, strict=True):
        world = case.hidden.family.worlds[case.hidden.world]
        truth = f"{world.name.replace('_', ' ')} ({'illicit' if world.is_illicit else 'legitimate'})"
        did = f"{decision.action_type} {'' if decision.report == 'none' else decision.report}"
        right = f"${decision.best_usd:,.0f}: {decision.best.verb} {decision.best.report}"
        table.add_row(case.hidden.family.title, truth, did, f"${decision.usd:,.0f}", right)
    brier = [decision.brier for decision in episode.decisions if decision.brier is not None]
    confidence = f", Brier score {sum(brier) / len(brier):.2f}" if brier else ""
    score = f"Score {episode.value:.3f}{confidence}. Lost ${lost:,.0f} in all"
    return Group(
        Text("\nThe episode is over.", "bold"),
        table,
        Text(f"{score}; the optimal policy loses ${least:,.0f} here: regret ${lost - least:,.0f}."),
    )


def _words(value: object) -> str:
    """Write a value of the screen."""
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
