"""`--plain`: exactly the form that scripts and people rely on."""

import re

import pytest

from tests.end_to_end.command import Command

pytestmark = pytest.mark.integration

CYCLE = re.compile(
    r"Diagnosis: \S.*\n"
    r"Evidence: \S.*\n"
    r"Proposed Action: \S.*\n"
    r"Risk Assessment: \S.*\n"
    r"Confidence Score: (?P<score>0\.\d\d|1\.00)"
    r"(?P<asks>\nRecommendation: Human approval required before acting\.)?"
)


@pytest.mark.parametrize("threshold", ["1.0", "0.8"])
def test_each_cycle_has_five_lines_and_a_sixth_below_the_threshold(run: Command, threshold: str) -> None:
    done = run.having(PAYOPS_CONFIDENCE_THRESHOLD=threshold)("watch", "--cycles", "16", "--plain")
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("\n")
    cycles = [CYCLE.fullmatch(cycle) for cycle in done.out.removesuffix("\n").split("\n\n")]
    assert len(cycles) == 16
    for cycle in cycles:
        assert cycle, done.out
        assert bool(cycle["asks"]) == (float(cycle["score"]) < float(threshold))
    assert "Reroute" in done.out
