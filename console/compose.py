"""Where adapters are joined to a crew; everything else receives what it needs."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from console.advising import adviser_of
from console.alerting import alerts_to
from console.authority import check_causes, kill_switch_of, mode_of
from console.hearing import HeardActuator, HeardAdviser, HeardAlerts, HeardAudit
from console.outside import new_id, now
from console.remembering import Memory, memory_in
from console.settings import Settings
from console.storage import OwnSource, audit_log_in, helping_out, open_engine, open_saver
from console.worlds import Feed, actuator_of, clock_of, is_simulated, open_simulation, switchboard_path
from tools.ports import UNTOLD, Actuator, Telemetry

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from graph.duty import Duty
    from graph.runs import Runs
    from graph.services import Senses, Services
    from memory.incidents import IncidentStore
    from memory.tenants import Tenancy


SHARED_LIMITS = (
    "probe_share",
    "max_target_load",
    "max_target_load_when_source_down",
    "source_down_below",
    "max_share_of_total_moved",
)
"""Limits of the policy that the planner plans within."""

ROLLOUT_LIMITS = (
    "rollout_steps",
    "step_wait_s",
    "step_log_evidence",
    "drop_log_evidence",
    "max_renewals",
    "calm_before_end_s",
)
"""Limits of the policy by which an action is extended."""


@contextmanager
def open_memory(settings: Settings) -> Iterator[Memory]:
    """Open the incident store and the lessons; made if they are not there."""
    with ExitStack() as stack:
        yield memory_in(stack.enter_context(open_engine(settings)), settings, stack, new_id)


@contextmanager
def open_incidents(settings: Settings) -> Iterator["IncidentStore"]:
    """Open the incident store alone, which takes no time; made if it is not there."""
    from memory.incidents import IncidentStore

    with open_engine(settings) as engine:
        yield IncidentStore(engine)


@contextmanager
def deciding(
    feed: str, settings: Settings, *, acts: bool = True, telemetry: Telemetry = UNTOLD
) -> Iterator["Runs"]:
    """Open what a decision needs: memory, checkpoints, and the actuator and clock of the incident's feed.

    A rejection changes nothing (`acts` is False): it needs no world that is still there.
    """
    with ExitStack() as stack:
        is_there = not is_simulated(feed) or switchboard_path(feed, settings).exists()
        world = feed if acts or is_there else ""
        clock = clock_of(world, settings)
        actuator = actuator_of(world, settings, clock, stack)
        yield _runs(stack, settings, actuator, clock, telemetry=telemetry)


@contextmanager
def _helping_out(feed: str, settings: Settings, telemetry: Telemetry) -> Iterator["Runs"]:
    """Open the runs of a feed that nobody watches.

    Raises:
        NotFoundError: the feed is gone.
        RefusedError: a worker watches it.
    """
    with helping_out(feed, settings) as tenancy, ExitStack() as stack:
        clock = clock_of(feed, settings)
        actuator = actuator_of(feed, settings, clock, stack)
        yield _runs(stack, settings, actuator, clock, tenancy=tenancy, telemetry=telemetry)


@contextmanager
def on_duty(
    feed: Feed,
    settings: Settings,
    *,
    tell_people: bool,
    tenancy: "Tenancy | None" = None,
    telemetry: Telemetry = UNTOLD,
) -> Iterator["Duty"]:
    """Open what a watch needs; the first cycle takes up what a crash left behind, of any feed.

    With a tenancy nothing is read or written any more once another worker holds the feed.
    """
    from graph.baselines import keep
    from graph.duty import Duty
    from graph.recovery import Recovery
    from memory.live import FILE as BOARD
    from memory.live import LiveBoard

    with ExitStack() as stack:
        senses, clock = senses_of(feed, settings)
        board = LiveBoard(settings.state_dir / BOARD)
        stack.callback(board.close)
        source = OwnSource(senses.source, tenancy) if tenancy else senses.source
        senses = replace(senses, board=board, source=source)
        actuator = actuator_of(feed.source.feed, settings, clock, stack)
        runs = _runs(
            stack,
            settings,
            actuator,
            clock,
            senses=senses,
            tell_people=tell_people,
            tenancy=tenancy,
            telemetry=telemetry,
        )

        def runs_of(other: str) -> AbstractContextManager["Runs"]:
            mine = other == feed.source.feed
            return nullcontext(runs) if mine else _helping_out(other, settings, telemetry)

        recovery = Recovery.of(runs.services.incidents, runs, runs_of)
        stack.callback(keep, senses)
        yield Duty(runs.services, runs, senses, settings.confidence_threshold, recovery)


def senses_of(feed: Feed, settings: Settings) -> tuple["Senses", Callable[[], datetime]]:
    """Join a feed with a monitor of its tick, and give the feed's clock."""
    from agents.monitor import Monitor, MonitorSettings
    from graph.services import Senses
    from memory.baselines import BaselineFiles
    from tools.sources.clocked import Clocked

    clocked = Clocked(feed.source, now)
    monitor = Monitor(
        MonitorSettings(
            tick_s=clocked.tick_s,
            window_s=max(settings.aggregation_window_sec, clocked.tick_s),
            false_alarms_per_week=settings.false_alarms_per_week,
        )
    )
    kept = BaselineFiles(settings.state_dir)
    return Senses(clocked, monitor, feed.catalog, feed.calendar, kept), clocked.now


def studio_services() -> "Services":
    """Open everything for LangGraph Studio's server, which lives as long as its process.

    Studio brings its own checkpoints. Actions are recorded and not carried out: nobody watches them there.
    """
    from console.settings import load_settings
    from tools.actuators.dry_run import DryRunActuator

    settings, stack = load_settings(), ExitStack()
    actuator = DryRunActuator(settings.state_dir / "dry_run.jsonl", now)
    engine = stack.enter_context(open_engine(settings))
    return _services(stack, settings, engine, actuator, now)


def _simulate(settings: Settings) -> Callable[[str, int], "Senses"]:
    def simulate(scenario: str, seed: int) -> "Senses":
        senses, _ = senses_of(open_simulation(scenario, seed, settings), settings)
        for window in senses.source.history():
            senses.monitor.learn(window)
        return senses

    return simulate


def _runs(
    stack: ExitStack,
    settings: Settings,
    actuator: Actuator,
    clock: Callable[[], datetime],
    *,
    senses: "Senses | None" = None,
    tell_people: bool = False,
    tenancy: "Tenancy | None" = None,
    telemetry: Telemetry,
) -> "Runs":
    from graph.crew import compile_crew
    from graph.runs import Runs

    engine = stack.enter_context(open_engine(settings))
    services = _services(
        stack, settings, engine, actuator, clock, senses=senses, tell_people=tell_people, telemetry=telemetry
    )
    saver = stack.enter_context(open_saver(settings, engine))
    if tenancy is not None:
        tenancy.fence(engine)
    return Runs(compile_crew(saver), services, now)


def _services(
    stack: ExitStack,
    settings: Settings,
    engine: "Engine",
    actuator: Actuator,
    clock: Callable[[], datetime],
    *,
    senses: "Senses | None" = None,
    tell_people: bool = False,
    telemetry: Telemetry = UNTOLD,
) -> "Services":
    from agents.analyst import Analyst
    from agents.monitor.pasted import compare_within
    from agents.planner import Planner, PlannerSettings
    from agents.planner.rollout import RolloutSettings
    from agents.risk_officer import RiskOfficer
    from graph.services import Services
    from memory.holders import this_process
    from simulator.traffic.switchboard import Switchboard
    from tools.actuators.actions import Tools
    from tools.outbox import Outbox

    memory = memory_in(engine, settings, stack, new_id)
    policy = settings.policy
    check_causes(policy)
    alerts = alerts_to(settings, stack, now, new_id, tell_people=tell_people, telemetry=telemetry)
    outbox = Outbox(engine, HeardActuator(actuator, telemetry), clock)
    tools = Tools(outbox, HeardAlerts(alerts, telemetry))
    adviser = adviser_of(settings, engine, senses)
    return Services(
        analyst=Analyst(),
        planner=Planner(PlannerSettings(**policy.model_dump(include=set(SHARED_LIMITS)))),
        risk_officer=RiskOfficer(policy),
        incidents=memory.incidents,
        lessons=memory.lessons,
        outbox=tools,
        actuator=actuator,
        alerts=tools,
        audit=HeardAudit(audit_log_in(settings, engine), telemetry),
        stopped=kill_switch_of(settings).is_on,
        clock=clock,
        new_id=new_id,
        compare=compare_within,
        window_s=max(settings.aggregation_window_sec, senses.source.tick_s if senses else 0.0),
        owner=this_process(),
        mode=mode_of(settings, real=actuator.changes_traffic and not isinstance(actuator, Switchboard)),
        rollout=RolloutSettings(**policy.model_dump(include=set(ROLLOUT_LIMITS))),
        senses=senses,
        adviser=None if adviser is None else HeardAdviser(adviser, telemetry),
        telemetry=telemetry,
        simulate=_simulate(settings),
    )
