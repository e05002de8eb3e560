"""Sums of the evidence over some cells."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from payments.evidence import Evidence


@dataclass(frozen=True)
class Counts:
    """Sums over the culprit since the onset."""

    attempts: float
    expected_attempts: float
    failures: float
    expected_failures: float
    pending: float
    expected_pending: float
    repeats: float | None
    expected_repeats: float | None
    slow: float | None
    expected_slow: float | None
    fast: float | None
    expected_fast: float | None
    code_excess: dict[str, float] | None
    """Failures above expectation by code, strongest first; None when the source has no codes."""

    @property
    def excess(self) -> float:
        """Failures above expectation; negative when there are fewer."""
        return self.failures - self.expected_failures

    def excess_of(self, quantity: str) -> float:
        """Give the same of another quantity, by the name of what leads; 0 when nothing does."""
        observed, expected = {
            "none": (0.0, 0.0),
            "pending": (self.pending, self.expected_pending),
            "repeats": (self.repeats, self.expected_repeats),
            "slow": (self.slow, self.expected_slow),
            "attempts": (self.attempts, self.expected_attempts),
            "codes": (sum((self.code_excess or {}).values()), 0.0),
        }.get(quantity, (self.failures, self.expected_failures))
        return (observed or 0.0) - (expected or 0.0)


def count(evidence: Evidence, mask: npt.NDArray[np.bool_]) -> Counts:
    """Sum the evidence over the marked cells."""

    def of(name: str) -> float:
        return float(getattr(evidence, name)[mask].sum())

    def maybe(name: str) -> float | None:
        return None if getattr(evidence, name) is None else of(name)

    return Counts(
        attempts=of("attempts"),
        expected_attempts=of("expected_attempts"),
        failures=of("failures"),
        expected_failures=of("expected_failures"),
        pending=of("pending"),
        expected_pending=of("expected_pending"),
        repeats=maybe("repeats"),
        expected_repeats=maybe("expected_repeats"),
        slow=maybe("slow"),
        expected_slow=maybe("expected_slow"),
        fast=maybe("fast"),
        expected_fast=maybe("expected_fast"),
        code_excess=_code_excess(evidence, mask),
    )


def _code_excess(evidence: Evidence, mask: npt.NDArray[np.bool_]) -> dict[str, float] | None:
    if evidence.failures_by_code is None or evidence.expected_by_code is None:
        return None
    observed = evidence.failures_by_code[mask].sum(axis=0)
    expected = evidence.expected_by_code[mask].sum(axis=0)
    # One sigma is taken off, so that the noise of many codes does not add up to a share.
    excess = observed - expected - np.sqrt(np.maximum(expected, 0.0))
    ranked = sorted(zip(evidence.codes, excess, strict=True), key=lambda pair: (-pair[1], pair[0]))
    return {code: float(size) for code, size in ranked if size > 0.0}
