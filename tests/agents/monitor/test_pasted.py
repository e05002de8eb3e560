"""One window from a person, compared within itself."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from agents.monitor.pasted import compare_within
from payments.segment import Segment
from payments.window import Window
from tests.agents.monitor.test_intake import windows
from tests.agents.monitor.traffic import Traffic

ALPHA = Segment.of(psp="alpha")


def pasted(rates: Mapping[str, float], code: str = "91") -> Window:
    rows = [
        {
            "attributes": {"psp": psp, "issuer": issuer},
            "attempts": 100,
            "successes": 100 - round(100 * rate),
            "codes": {code: round(100 * rate)},
        }
        for psp, rate in rates.items()
        for issuer in ("axis", "hdfc", "sbi")
    ]
    return Window.parse({"start": "2026-03-02T09:00:00Z", "rows": rows})


def test_a_failing_route_is_found_in_one_window() -> None:
    window = pasted({"alpha": 0.6, "beta": 0.08, "gamma": 0.08})
    found = compare_within(window)
    assert found.finding is not None
    assert found.finding.signals[0].segment == ALPHA
    assert found.finding.since == window.start
    assert found.log_evidence >= found.threshold
    assert "no history" in found.notes[0]


def test_evidence_expects_of_the_fault_what_the_others_show() -> None:
    evidence = compare_within(pasted({"alpha": 0.6, "beta": 0.08, "gamma": 0.08})).evidence
    assert evidence is not None
    assert evidence.expected_failures == pytest.approx(evidence.attempts * 0.08)
    assert evidence.expected_by_code == pytest.approx(evidence.expected_failures[:, None])


def test_a_window_of_equals_has_no_finding() -> None:
    found = compare_within(pasted({"alpha": 0.08, "beta": 0.09, "gamma": 0.07}))
    assert found.finding is None
    assert found.log_evidence < found.threshold


def test_segments_that_differ_by_nature_are_no_finding() -> None:
    rates = {f"psp{number}": 0.04 + 0.02 * number for number in range(9)}
    assert compare_within(pasted(rates)).finding is None


def test_one_quiet_minute_of_traffic_is_no_finding() -> None:
    for seed in range(20):
        window = Traffic(seed=seed, per_tick=6000.0, tick_s=60.0).next()
        assert compare_within(window).finding is None


def test_a_window_without_cells_is_no_finding() -> None:
    window = pasted({"alpha": 0.5})
    none = np.zeros(0, dtype=np.int64)
    cells = window.cells.model_copy(update={"keys": ()})
    empty = Window(
        start=window.start, duration_s=60.0, cells=cells, attempts=none, successes=none, pending=none
    )
    assert compare_within(empty).finding is None


@given(sequence=windows())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_no_valid_window_crashes_the_comparison(sequence: list[Window]) -> None:
    for window in sequence:
        found = compare_within(window)
        assert np.isfinite(found.log_evidence)
        assert found.model_dump_json()
