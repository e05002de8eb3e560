"""The oracle, and how its remedies are chosen."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.crew.policies.choosing import Trial, choose
from bench.crew.policies.oracle import Oracle
from bench.crew.policies.policy import Move
from bench.crew.policies.remedies import Remedy, allowed, candidates, causes_of, kept, remedy_for
from payments.action import AdjustRetryPolicy, Reroute
from simulator.traffic.scenario import Backup, Fault, Scenario
from simulator.traffic.stage import Stage

Play = Callable[..., tuple[list[Move], Stage]]
INFORMED, REROUTE = Remedy(moves="informed"), Remedy(moves="reroute")
CUT = Remedy(max_attempts=1)


def oracle(remedy: Remedy) -> Callable[[Stage], Oracle]:
    return lambda stage: Oracle(
        stage.topology,
        stage.truth,
        {causes_of(part)[0]: remedy for part in stage.truth.parts or (stage.truth,)},
    )


def fault_of(of: Scenario) -> Fault:
    return Stage(of, 5).truth


@pytest.mark.parametrize("remedy", [INFORMED, REROUTE], ids=str)
def test_it_acts_from_the_onset_to_the_end_and_not_a_tick_longer(
    remedy: Remedy, fault: Callable[[str], Scenario], play: Play
) -> None:
    moves, _ = play(fault("psp_outage"), oracle(remedy), 90)
    acting = [number for number, move in enumerate(moves) if move.actions or move.routing]
    assert (acting[0], acting[-1]) == (12, 71)  # ticks of 5 s that begin at 60 s and at 355 s


@pytest.mark.parametrize("remedy", [INFORMED, REROUTE], ids=str)
def test_more_payments_succeed_with_it_than_without(
    remedy: Remedy, fault: Callable[[str], Scenario], play: Play
) -> None:
    outage = fault("psp_outage")
    with_it, without = (play(outage, oracle(r), 80)[1].score.succeeded for r in (remedy, Remedy()))
    assert with_it > without + 100


def test_a_reroute_leaves_a_broken_backup_out(fault: Callable[[str], Scenario], play: Play) -> None:
    backup = Backup(share=1.0, codes={"03": 1.0}, latency_ms=70.0, at_door=True)
    moves, stage = play(replace(fault("psp_outage"), backup=backup), oracle(REROUTE), 15)
    (action,) = moves[-1].actions
    assert isinstance(action, Reroute)
    assert stage.truth.broken_backup is not None
    assert stage.truth.broken_backup not in action.to
    assert len(action.to) == 2


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
        Trial(1, ("one",), 100, ((Remedy(), 0), (CUT, 9), (INFORMED, 5), (REROUTE, 1))),
        Trial(2, ("one",), 100, ((Remedy(), 0), (CUT, -5), (INFORMED, 5), (REROUTE, 9))),
        Trial(3, ("two",), 100, ((Remedy(), 0), (CUT, -5))),
    ]
    chosen = choose(trials)
    assert (chosen["one"].remedy, chosen["one"].gained, chosen["one"].best_each) == (INFORMED, 10, 18)
    assert chosen["two"].remedy == Remedy()


def test_what_is_kept_was_chosen_on_seeds_that_are_not_reported() -> None:
    first, last = map(int, kept().seeds.split("-"))
    assert 0 <= first <= last < 10_000
    assert kept().causes["network_or_system on a route"].gained > 0
