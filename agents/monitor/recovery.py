"""Whether a fault is over: the mirrored test, baseline against the fault's own rate."""

import math

from payments.tally import Tally

FAULT_LEFT = 0.3
"""Share of the fault's excess that still counts as the fault, so that half a recovery is none."""
NATS_PER_TICK = 2.0
"""What one increment may say at most: a flapping fault has good seconds too."""
LOWEST_RATE, HIGHEST_RATE = 1e-3, 0.999


def recovery_log_evidence(tally: Tally, incident_rate: float | None) -> float:
    """Give the log likelihood ratio of the baseline against what a weakened fault would look like.

    Add it up over ticks, never below zero (a CUSUM, Page 1954). `incident_rate` is the share of attempts
    without success during the fault. 0.0 without attempts, without a rate, or when both are the same.
    """
    if tally.attempts == 0 or incident_rate is None:
        return 0.0
    baseline = _rate((tally.expected_failures + tally.expected_pending) / tally.attempts)
    fault = _rate(baseline + FAULT_LEFT * (incident_rate - baseline))
    if fault <= baseline:
        return 0.0
    bad = tally.failures + tally.pending
    good = tally.attempts - bad
    evidence = bad * math.log(baseline / fault) + good * math.log((1.0 - baseline) / (1.0 - fault))
    return min(evidence, NATS_PER_TICK * max(tally.ticks, 1))


def _rate(value: float) -> float:
    return min(max(value, LOWEST_RATE), HIGHEST_RATE)
