"""`run.py watch` on the simulator: what the crew does in each kind of morning."""

import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from graph.report import CycleReport
from payments.action import Reroute, touches_traffic
from simulator.traffic.scenario import Fault
from simulator.traffic.source import TrafficSource
from tests.end_to_end.command import Command, briefs

pytestmark = pytest.mark.integration

PSP_OUTAGE = ("watch", "--scenario", "psp_outage", "--seed", "7", "--cycles", "60", "--json")


def truth_of(scenario: str, seed: int, folder: Path) -> Fault:
    with closing(TrafficSource(scenario, seed, folder / "truth.db", feed="truth")) as source:
        return source.truth


def content(reports: Sequence[CycleReport]) -> list[str]:
    """Give what the reports say, without the identities that every watch draws anew."""
    ids = {brief.id for report in reports for brief in briefs(report)}
    known = re.compile("|".join(part for one in ids for part in (one, one[:8])))
    return [known.sub("ID", report.model_dump_json()) for report in reports]


def test_a_failed_route_is_named_and_its_payments_are_moved_away(run: Command, tmp_path: Path) -> None:
    done = run(*PSP_OUTAGE)
    reports, truth = done.reports, truth_of("psp_outage", 7, tmp_path)
    assert (done.code, done.err) == (0, "")
    assert [report.cycle for report in reports] == list(range(1, 61))
    last = reports[-1].incident
    assert last is not None
    assert (last.culprit, last.cause, last.category) == (truth.culprit, truth.name, truth.category)
    assert isinstance(last.proposed, Reroute)
    assert last.proposed.from_route == truth.culprit.get("psp")
    assert last.proposed.from_route not in last.proposed.to
    assert last.executed
    assert all(report.incident is None for report in reports if report.at <= truth.starts_at)
    assert run.inside("watch", "--cycles", "1", "--json").code == 0, "a second watch in the same folder"


def test_the_same_seed_says_the_same(tmp_path: Path) -> None:
    first = Command(tmp_path / "one")(*PSP_OUTAGE)
    second = Command(tmp_path / "two").inside(*PSP_OUTAGE)
    assert content(first.reports) == content(second.reports)


@pytest.mark.parametrize("seed", range(1, 5))
def test_an_issuer_outage_is_never_answered_with_a_reroute(run: Command, seed: int) -> None:
    done = run.inside("watch", "--scenario", "issuer_outage", "--seed", str(seed), "--cycles", "60", "--json")
    proposed = [brief.proposed for report in done.reports for brief in briefs(report)]
    assert proposed, "the outage was not seen at all"
    assert not any(isinstance(action, Reroute) for action in proposed)
    assert not any(isinstance(report.proposed_action, Reroute) for report in done.reports)


def test_a_quiet_morning_raises_nothing(run: Command) -> None:
    done = run("watch", "--scenario", "quiet", "--cycles", "500", "--json")
    assert done.code == 0
    assert len(done.reports) == 500
    assert not any(list(briefs(report)) for report in done.reports)


@pytest.mark.parametrize(
    "scenario", ["user_mix", "settlement_cutover", "planned_maintenance", "holiday_surge", "code_mix_drift"]
)
def test_where_nothing_should_be_done_nothing_touches_traffic(run: Command, scenario: str) -> None:
    done = run.inside("watch", "--scenario", scenario, "--cycles", "60", "--json")
    assert len(done.reports) == 60
    for report in done.reports:
        assert not touches_traffic(report.proposed_action), report.proposed_action
        for brief in briefs(report):
            assert brief.proposed is None or not touches_traffic(brief.proposed), brief.proposed
            assert not brief.executed
