"""How far a culprit is from the next narrower and the next wider description."""

import pytest

from agents.analyst import AnalystSettings
from agents.analyst.margins import Margins
from agents.analyst.view import look
from payments.segment import Segment
from tests.agents.analyst.cases import ALPHA, CASES, on_calendar
from tests.agents.analyst.world import Fault, diagnose, evidence


def margins(*faults: Fault, payments: float = 6.0, ticks: int = 12) -> Margins:
    given = evidence(*faults, payments=payments, ticks=ticks)
    return look(given, (), given.until, AnalystSettings()).margins


@pytest.mark.parametrize("cause", sorted(CASES))
def test_a_clear_culprit_is_far_from_its_neighbours(cause: str) -> None:
    given = evidence(CASES[cause])
    found = look(given, on_calendar(cause), given.until, AnalystSettings())
    if found.place.lead not in {"none", "codes"}:
        assert found.margins.narrower > 3.0
        assert found.margins.wider > 3.0


def test_a_route_of_which_one_method_hardly_fails_might_be_narrower() -> None:
    hit, spared = Segment.of(psp="alpha", method="card"), Segment.of(psp="alpha", method="upi")
    even, uneven = (margins(Fault(hit, 0.5), Fault(spared, rate), payments=1.0) for rate in (0.5, 0.1))
    assert uneven.narrower < even.narrower


def test_a_few_payments_leave_both_open() -> None:
    few, many = margins(Fault(ALPHA, 0.5), payments=1.0, ticks=2), margins(Fault(ALPHA, 0.5))
    assert few.narrower < many.narrower
    assert few.wider <= many.wider


def test_nothing_in_excess_has_no_margin() -> None:
    assert margins() == Margins(0.0, 0.0)


def test_an_answer_without_any_excess_to_a_finding_is_not_believed() -> None:
    assert diagnose(evidence()).confidence < 0.5
