"""The oracle, and how its remedies are chosen."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.crew.policies.backups import best_first
from bench.crew.policies.choosing import Trial, choose
from bench.crew.policies.oracle import Oracle
from bench.crew.policies.policy import Move
from bench.crew.policies.remedies import Remedy, allowed, candidates, causes_of, kept, remedy_for
from payments.action import AdjustRetryPolicy, Reroute
from payments.route import Route
from payments.segment import Segment
from simulator.traffic.scenario import Backup, Fault, Scenario
from simulator.traffic.stage import Stage

Play = Callable[..., tuple[list[Move], Stage]]
INFORMED, REROUTE = Remedy(moves="informed"), Remedy(moves="reroute")
BEST_FIRST = Remedy(moves="best_first")
CUT = Remedy(max_attempts=1)


def oracle(remedy: Remedy) -> Callable[[Stage], Oracle]:
    return lambda stage: Oracle(
        stage.topology,
        stage.truth,
        {causes_of(part)[0]: remedy for part in stage.truth.parts or (stage.truth,)},
    )


def fault_of(of: Scenario) -> Fault:
    return Stage(of, 5).truth


@pytest.mark.parametrize("remedy", [INFORMED, REROUTE, BEST_FIRST], ids=str)
def test_it_acts_from_the_onset_to_the_end_and_not_a_tick_longer(
    remedy: Remedy, fault: Callable[[str], Scenario], play: Play
) -> None:
    moves, _ = play(fault("psp_outage"), oracle(remedy), 90)
    acting = [number for number, move in enumerate(moves) if move.actions or move.routing]
    assert (acting[0], acting[-1]) == (12, 71)  # ticks of 5 s that begin at 60 s and at 355 s


@pytest.mark.parametrize("remedy", [INFORMED, REROUTE, BEST_FIRST], ids=str)
def test_more_payments_succeed_with_it_than_without(
    remedy: Remedy, fault: Callable[[str], Scenario], play: Play
) -> None:
    outage = fault("psp_outage")
    with_it, without = (play(outage, oracle(r), 80)[1].score.succeeded for r in (remedy, Remedy()))
    assert with_it > without + 100


@pytest.mark.parametrize("remedy", [REROUTE, BEST_FIRST], ids=str)
def test_a_reroute_leaves_a_broken_backup_out(
    remedy: Remedy, fault: Callable[[str], Scenario], play: Play
) -> None:
    backup = Backup(share=1.0, codes={"03": 1.0}, latency_ms=70.0, at_door=True)
    moves, stage = play(replace(fault("psp_outage"), backup=backup), oracle(remedy), 15)
    (action,) = moves[-1].actions
    assert isinstance(action, Reroute)
    assert stage.truth.broken_backup is not None
    assert stage.truth.broken_backup not in action.to
    assert len(action.to) in {1, 2}


def test_retries_are_bounded_for_the_culprit_only(fault: Callable[[str], Scenario], play: Play) -> None:
    moves, stage = play(fault("retry_storm"), oracle(CUT), 15)
    policy = AdjustRetryPolicy(scope=stage.truth.culprit, max_attempts=1, backoff_s=0.0)
    assert moves[-1].actions == (policy,)


@pytest.mark.parametrize("name", ["quiet", "planned_maintenance", "settlement_cutover", "fraud_rule_push"])
def test_where_nothing_may_be_done_nothing_is(name: str, fault: Callable[[str], Scenario]) -> None:
    truth = fault_of(fault(name))
    assert [remedy for remedy in candidates() if allowed(remedy, truth)] == [Remedy()]


@pytest.mark.parametrize("name", ["psp_outage", "psp_brownout", "psp_issuer_link", "expired_cert"])
def test_retries_are_not_bounded_when_a_route_fails(name: str, fault: Callable[[str], Scenario]) -> None:
    truth = fault_of(fault(name))
    assert not any(remedy.bounds_retries for remedy in candidates() if allowed(remedy, truth))


def test_payments_are_not_moved_when_an_issuer_is_out(fault: Callable[[str], Scenario]) -> None:
    truth = fault_of(fault("issuer_outage"))
    assert not any(remedy.moves != "nothing" for remedy in candidates() if allowed(remedy, truth))


def test_a_cause_that_is_not_known_gets_what_is_best_about_its_category(
    fault: Callable[[str], Scenario],
) -> None:
    remedies = {"network_or_system on a route": INFORMED, "issuer": CUT}
    assert remedy_for(fault_of(fault("psp_outage")), remedies) == INFORMED
    assert remedy_for(fault_of(fault("issuer_outage")), remedies) == CUT
    assert remedy_for(fault_of(fault("planned_maintenance")), remedies) == Remedy()


def test_the_best_of_all_episodes_together_is_chosen_and_the_first_of_equals() -> None:
    trials = [
        Trial(1, ("one",), 100, ((Remedy(), 0), (CUT, 9), (REROUTE, 5), (BEST_FIRST, 1))),
        Trial(2, ("one",), 100, ((Remedy(), 0), (CUT, -5), (REROUTE, 5), (BEST_FIRST, 9))),
        Trial(3, ("two",), 100, ((Remedy(), 0), (CUT, -5))),
    ]
    chosen = choose(trials)
    assert (chosen["one"].remedy, chosen["one"].gained) == (REROUTE, 10)
    assert chosen["two"].remedy == Remedy()


def test_a_router_that_knows_the_chances_is_chosen_for_the_clairvoyant_only() -> None:
    chosen = choose([Trial(1, ("one",), 100, ((Remedy(), 0), (REROUTE, 5), (INFORMED, 9)))])
    assert (chosen["one"].remedy, chosen["one"].clairvoyant) == (REROUTE, INFORMED)
    assert chosen["one"].gained == 5


def test_what_the_oracle_does_is_always_one_action() -> None:
    assert all(remedy.is_action for remedy in kept().remedies().values())


def routes(*free_per_s: float) -> list[Route]:
    names = ("own", "good", "fair", "poor")
    return [
        Route(name=name, capacity_per_s=100.0, load_per_s=100.0 - free, success_rate=0.9)
        for name, free in zip(names, free_per_s, strict=True)
    ]


@pytest.mark.parametrize(
    ("free", "expected"),
    [
        ((0.0, 50.0, 50.0, 50.0), {"good": 1.0}),
        ((0.0, 10.0, 50.0, 50.0), {"fair": 0.75, "good": 0.25}),
        ((0.0, 10.0, 10.0, 50.0), {"good": 0.5, "fair": 0.5}),
    ],
    ids=["room for all at the best", "the rest at the next best", "never where fewer succeed"],
)
def test_the_best_target_is_filled_first(free: tuple[float, ...], expected: dict[str, float]) -> None:
    chances = {"own": 0.6, "good": 0.9, "fair": 0.8, "poor": 0.5}
    action = best_first(Segment({}), "own", routes(*free), chances=chances, moving_per_s=40.0, load_limit=1.0)
    assert action is not None
    assert action.to == pytest.approx(expected)


def test_where_no_route_is_better_there_is_no_reroute() -> None:
    chances = {"own": 0.9, "good": 0.9, "fair": 0.8, "poor": 0.5}
    some = routes(0.0, 50.0, 50.0, 50.0)
    assert best_first(Segment({}), "own", some, chances=chances, moving_per_s=1.0, load_limit=1.0) is None


def test_what_is_kept_was_chosen_on_seeds_that_are_not_reported() -> None:
    first, last = map(int, kept().seeds.split("-"))
    assert 0 <= first <= last < 10_000
    assert kept().causes["network_or_system on a route"].gained > 0
