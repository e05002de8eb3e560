"""What the processes do that are killed: one watches, one decides as a person at the command line does."""

import gc
import importlib
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from bench.crash.outside import SECRET, Outside, Past, reached
from bench.crash.trap import Death, Mark, Trap, die
from payments.action import Reroute
from payments.errors import PayOpsError

END_WELL, REFUSED, FAILED = 0, 3, 4
"""Exit codes of a life that was not killed."""

_IMPORTED_LATE = (
    "agents.analyst", "agents.planner", "agents.risk_officer", "chromadb", "console.deciding",
    "graph.approvals", "graph.duty", "memory.incidents", "tools.actuators.webhook",
)  # fmt: skip

Kind = Literal["approve", "edit", "reject"]

AT_WORK, WAITS = b"r", b"w"
"""What a life says once when it has started, and a watch when an incident waits for a human."""


@dataclass(frozen=True)
class Home:
    """Where the crew of one episode lives, and what it can reach."""

    outside: Outside
    past: Past
    state: Path
    door: Path
    url: str
    asks: bool
    """The crew may do nothing without a human."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Give the settings as an operator gives them."""
        return {
            "PAYOPS_STATE_DIR": str(self.state),
            "PAYOPS_ACTUATOR_URL": self.url,
            "PAYOPS_ACTUATOR_SECRET": SECRET,
            "PAYOPS_MODE": "copilot" if self.asks else "autopilot",
            # Small worlds are told apart by little: what is under test is what follows from a diagnosis.
            "PAYOPS_CONFIDENCE_THRESHOLD": "0.3",
        }


class Voice(NamedTuple):
    """What a process can tell its parent by."""

    said: int
    """File descriptor for words."""
    mark: Mark


@dataclass(frozen=True)
class Life:
    """One process from its fork to its death."""

    pid: int
    mark: Mark
    said: int
    """File descriptor that the process writes its words to."""


def begin(work: Callable[[Voice], int], home: Home, death: Death) -> Life:
    """Fork a process that does the work, and dies as drawn."""
    mark = Mark()
    mark.put("before any write")
    ours, theirs = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        os.close(theirs)
        return Life(pid, mark, ours)
    os.close(ours)
    code = FAILED
    try:
        os.environ.update(home.environment)
        _log_to(home.state.parent / "lives.log")
        Trap(mark, death, home.state, theirs).arm()
        code = work(Voice(theirs, mark))
    except PayOpsError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        code = REFUSED
    except BaseException:  # noqa: BLE001 - the fork must not go on as its parent
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


def _log_to(path: Path) -> None:
    sys.stdout = sys.stderr = path.open("a", encoding="utf-8")


def watch(home: Home, cycles: int, voice: Voice) -> int:
    """Watch for so many cycles, then die."""
    from console.compose import Feed, on_duty
    from console.settings import load_settings

    has_told = False
    with reached(home.outside, home.past, home.door) as world:
        feed = Feed(world, world, world)
        with on_duty(feed, load_settings(), tell_people=False) as duty:
            duty.senses.monitor.restore(home.past.learned)
            os.write(voice.said, AT_WORK)
            while duty.cycles < cycles:
                report = duty.cycle()
                waits = report is not None and any(
                    brief.status == "waiting"
                    for brief in (*([report.incident] if report.incident else []), *report.other_incidents)
                )
                if waits and not has_told:
                    os.write(voice.said, WAITS)
                    has_told = True
            voice.mark.put("between two cycles")
            die()
    return END_WELL


def see_through(home: Home, at_most: int, _voice: Voice) -> int:
    """Watch undisturbed until nothing is under way any more."""
    from bench.crash.outside import when_over
    from console.compose import Feed, on_duty
    from console.settings import load_settings

    over = when_over(home.outside)
    with reached(home.outside, home.past, home.door) as world:
        feed = Feed(world, world, world)
        with on_duty(feed, load_settings(), tell_people=False) as duty:
            duty.senses.monitor.restore(home.past.learned)
            while duty.cycles < at_most:
                report = duty.cycle()
                settled = not duty.services.incidents.live(home.outside.feed)
                if report is not None and settled and report.at > over:
                    break
    return END_WELL


def decide(kind: Kind, voice: Voice) -> int:
    """Decide on whatever waits, by the code behind `run.py approve` and its like."""
    from console.compose import open_memory
    from console.deciding import Answer, edit
    from console.deciding import decide as on_decide
    from console.settings import load_settings

    with open_memory(load_settings()) as memory:
        waiting = memory.incidents.undecided()
    os.write(voice.said, AT_WORK)
    for incident in waiting[:1]:
        answer = Answer(incident.id, "asha", "decided in the bench", None)
        if kind != "edit":
            on_decide(answer, kind, None)
        elif incident.plan is not None and isinstance(incident.plan.action, Reroute):
            edit(answer, {"share": 0.3}, None)
    return END_WELL


def import_everything() -> None:
    """Import once, before the first fork, all that a life needs; nothing is opened and no thread begun."""
    for name in _IMPORTED_LATE:
        importlib.import_module(name)
    warnings.simplefilter("ignore", DeprecationWarning)
    gc.collect()
    gc.freeze()
