"""Payments and money on one scale."""

import pytest

from agents.planner import Planner, Readings
from payments.action import ActionKind
from payments.plan import Plan
from tests.agents.planner.situations import situation
from tests.payments.made import diagnosis, route, tally


def propose(fee_bps: float = 0.0, amount: float | None = 5000.0) -> Plan:
    readings = Readings(average_amount_minor=amount, currency="EUR" if amount else None)
    routes = (route("alpha", success=0.1), route("beta", capacity=500.0, fee_bps=fee_bps))
    return Planner().plan(situation(routes=routes, readings=readings))


def test_money_is_the_amount_of_the_payments_saved_without_fees() -> None:
    plan = propose()
    assert plan.money_saved_minor is not None
    for which in ("low", "mean", "high"):
        saved = getattr(plan.payments_saved, which)
        assert getattr(plan.money_saved_minor, which) == pytest.approx(5000.0 * saved)
    assert (plan.currency, plan.fees_minor) == ("EUR", 0.0)


def test_fees_cost_money_in_full_and_payments_at_the_margin() -> None:
    free, dear = propose(), propose(fee_bps=20.0)
    assert free.money_saved_minor is not None
    assert dear.money_saved_minor is not None
    moved = 0.98 * 45_000
    assert dear.fees_minor == pytest.approx(moved * 5000.0 * 20.0 / 10_000)
    # The hypotheses sum to 0.9: what is not explained is known to change nothing, and costs no fee.
    assert free.payments_saved.mean - dear.payments_saved.mean == pytest.approx(0.9 * moved * 20.0 / 1000.0)
    assert free.money_saved_minor.mean - dear.money_saved_minor.mean == pytest.approx(dear.fees_minor)


def test_without_amounts_there_is_no_money_and_the_reason_names_none() -> None:
    plan = propose(amount=None)
    assert (plan.money_saved_minor, plan.fees_minor, plan.currency) == (None, None, None)
    assert "EUR" not in plan.reason
    assert "EUR." in propose().reason


def test_every_alternative_is_priced_too() -> None:
    plan = propose()
    assert {other.action.kind for other in plan.alternatives} == {ActionKind.ALERT, ActionKind.NONE}
    assert all(other.money_saved_minor is not None for other in plan.alternatives)


def test_fees_can_eat_up_what_a_move_saves() -> None:
    said = diagnosis(counted=tally(3000, failure_rate=0.15))
    readings = Readings(average_amount_minor=5000.0, currency="EUR")
    for fee_bps, kind in ((0.0, ActionKind.REROUTE), (100.0, ActionKind.ALERT)):
        routes = (route("alpha", success=0.85), route("beta", capacity=500.0, fee_bps=fee_bps))
        assert Planner().plan(situation(said, routes, readings=readings)).action.kind is kind
