"""What the processes do that are killed: one watches, one decides as a person at the command line does."""

import gc
import importlib
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from typing import TYPE_CHECKING, Literal, NamedTuple

from bench.crash.outside import SECRET, Outside, Past, reached
from bench.crash.trap import Death, Mark, Trap, die
from payments.action import Reroute
from payments.errors import PayOpsError

if TYPE_CHECKING:
    from graph.duty import Duty

END_WELL, REFUSED, FAILED = 0, 3, 4
"""Exit codes of a life that was not killed."""

_IMPORTED_LATE = (
    "agents.analyst", "agents.planner", "agents.risk_officer", "chromadb", "console.deciding",
    "graph.approvals", "graph.duty", "memory.incidents", "tools.actuators.webhook",
)  # fmt: skip

_FOR_A_SERVER = ("graph.server_checkpoints", "memory.audit_lines", "memory.tenants", "psycopg")

Kind = Literal["approve", "edit", "reject"]

AT_WORK, WAITS, OWNS = b"r", b"w", b"o"
"""What a life says once when it has started, a watch when an incident waits for a human, and when it holds
its feed."""


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
    database: str | None = None
    """Address of a PostgreSQL database for its records; None to keep them in the state folder."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Give the settings as an operator gives them."""
        shared = {"PAYOPS_DATABASE_URL": self.database} if self.database else {}
        return shared | {
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


def begin(work: Callable[[Voice], int], home: Home, death: Death, ending: Signals = Signals.SIGKILL) -> Life:
    """Fork a process that does the work, and dies or is paused as drawn."""
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
        Trap(mark, death, home.state, theirs, ending).arm()
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
    has_told = False
    with _on_duty(home, voice) as duty:
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


def see_through(home: Home, at_most: int, voice: Voice) -> int:
    """Watch undisturbed until nothing is under way any more."""
    from bench.crash.outside import when_over

    over = when_over(home.outside)
    with _on_duty(home, voice) as duty:
        while duty.cycles < at_most:
            report = duty.cycle()
            settled = not duty.services.incidents.live(home.outside.feed)
            if report is not None and settled and report.at > over:
                break
    return END_WELL


def elsewhere(machine: str, work: Callable[[Voice], int], voice: Voice) -> int:
    """Work as on another machine: whether this process still runs, nobody can see."""
    from memory import holders

    vars(holders)["this_process"] = lambda: f"{machine}:{os.getpid()}"
    return work(voice)


@contextmanager
def _on_duty(home: Home, voice: Voice) -> "Iterator[Duty]":
    """Put a crew on duty once no other watches the feed, as `run.py watch` does."""
    from console.compose import on_duty
    from console.settings import load_settings
    from console.storage import watching_alone
    from console.worlds import Feed

    settings = load_settings()
    with (
        reached(home.outside, home.past, home.door) as world,
        watching_alone(home.outside.feed, settings, sys.stderr.write) as tenancy,
    ):
        os.write(voice.said, OWNS)
        feed = Feed(world, world, world)
        with on_duty(feed, settings, tell_people=False, tenancy=tenancy) as duty:
            duty.senses.monitor.restore(home.past.learned)
            os.write(voice.said, AT_WORK)
            yield duty


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


def import_everything(*, on_a_server: bool = False) -> None:
    """Import once, before the first fork, all that a life needs; nothing is opened and no thread begun."""
    for name in (*_IMPORTED_LATE, *(_FOR_A_SERVER if on_a_server else ())):
        importlib.import_module(name)
    warnings.simplefilter("ignore", DeprecationWarning)
    gc.collect()
    gc.freeze()
