"""What fails for another known fault is not laid to the routes that its payments take."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.settings import Settings
from graph.apart import Apart, less, travelling
from graph.duty import Duty
from graph.measuring import Watching
from payments.incident import Incident, Status
from payments.intervention import Intervention, TargetEvidence
from payments.segment import Segment
from payments.tally import Tally
from tests.graph.made import crew, cycles, only_incident, until, world

COUNT = st.integers(0, 1_000)
TALLIES = st.builds(
    Tally,
    attempts=COUNT,
    failures=COUNT,
    pending=COUNT,
    expected_attempts=COUNT.map(float),
    expected_failures=COUNT.map(float),
    expected_pending=COUNT.map(float),
    payments=COUNT,
    ticks=st.just(1),
)


@pytest.fixture(scope="module")
def acting(no_settings: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Duty]:
    settings = Settings(state_dir=tmp_path_factory.mktemp("acting") / "state")
    with crew(world("psp_outage", settings), settings) as duty:
        until(duty, lambda _: duty.services.incidents.active_interventions())
        cycles(duty, 3)
        yield duty


def another(duty: Duty, culprit: Segment, name: str = "another") -> Incident:
    """Open an incident about a culprit just now."""
    first = duty.services.incidents.list()[-1]
    strongest = first.finding.signals[0].model_copy(update={"segment": culprit})
    now = duty.services.clock()
    finding = first.finding.model_copy(update={"signals": (strongest,), "at": now})
    return Incident(
        id=name,
        feed=first.feed,
        status=Status.OPEN,
        opened_at=now,
        updated_at=now,
        finding=finding,
        diagnosis=None
        if first.diagnosis is None
        else first.diagnosis.model_copy(update={"culprit": culprit}),
    )


@given(part=TALLIES, rest=TALLIES)
def test_what_is_left_and_what_was_taken_make_the_whole(part: Tally, rest: Tally) -> None:
    whole = (part + rest).model_copy(update={"ticks": 1})
    kept = less(whole, [part])
    assert kept == (rest if part.attempts else whole)


def test_faults_that_go_with_the_payments_are_told_from_those_on_a_route(acting: Duty) -> None:
    mine = acting.services.incidents.list()[-1]
    issuer, on_route = Segment.of(issuer="elm"), Segment.of(issuer="ash", psp="beta")
    narrower, everything = Segment.of(issuer="elm", country="FR"), Segment({})
    live = [mine, *(another(acting, one) for one in (narrower, on_route, issuer, everything))]
    assert travelling(live, mine) == (issuer,)


def test_a_route_is_counted_without_the_payments_of_another_fault(acting: Duty) -> None:
    mine, monitor = acting.services.incidents.list()[-1], acting.senses.monitor
    cells = acting.services.incidents.evidence(mine.id)
    assert cells is not None
    issuer, route = (
        Segment({name: cells.cells.keys[0][cells.cells.attributes.index(name)]}) for name in ("issuer", "psp")
    )
    both = Segment({**issuer.root, **route.root})
    since = acting.services.clock() - timedelta(minutes=1)
    apart = Apart(acting.services, acting.senses)
    assert apart.tallies([route], mine, since) == (monitor.tally(route, since),)
    acting.services.incidents.open(other := another(acting, issuer), None)
    (kept,) = apart.tallies([route], mine, since)
    (inside,) = apart.tallies([both], mine, since)
    acting.services.incidents.save(other.model_copy(update={"status": Status.CLOSED}))
    assert kept.attempts == monitor.tally(route, since).attempts - monitor.tally(both, since).attempts > 0
    assert inside == monitor.tally(both, since)  # or nothing would be left to see


def test_what_targets_showed_before_another_fault_was_found_says_nothing_any_more(state_dir: Path) -> None:
    settings = Settings(state_dir=state_dir)
    with crew(world("psp_outage", settings), settings) as duty:
        until(duty, lambda _: duty.services.incidents.active_interventions())
        cycles(duty, 3)
        mine, now = only_incident(duty), duty.services.clock()
        (found,) = duty.services.incidents.active_interventions()
        suspected = _suspecting(found)
        watching = Watching(duty.services, duty.senses)
        before = watching.look(mine, suspected, now)
        duty.services.incidents.open(another(duty, Segment.of(issuer="elm")), None)
        after = watching.look(mine, suspected, now)
    assert max(shown.worse for shown in before.evidence.values()) > 500.0
    assert max(shown.worse for shown in after.evidence.values()) < 50.0


def _suspecting(found: Intervention) -> Intervention:
    """Let every target be under suspicion, in a step that began a while ago."""
    worse = {name: TargetEvidence(sound=-900.0, worse=900.0) for name in found.evidence}
    earlier = found.started_at - timedelta(minutes=1)
    return found.model_copy(update={"evidence": worse, "started_at": earlier})
