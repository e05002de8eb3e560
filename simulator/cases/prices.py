"""What work and mistakes cost, in dollars, the same in every family.

Time and people are priced convexly: a customer who waits for the fourth question minds it more than the
first, and every review sent to the same desk in one episode waits behind the others. That is why sending
everything upstairs is no policy.
"""

from typing import Final

from simulator.cases.vocabulary import (
    BUDGET_TENTHS,
    PROBE_TENTHS,
    STEPS_PER_CASE,
    ProbeName,
    Report,
    Verb,
)

TENTH_USD: Final = 10.0
"""Price of one tenth of budget."""
WAIT_USD: Final = 1.5
"""n questions about one case cost this times n squared of the customer's time."""
REVIEW_USD: Final = 12.0
"""A desk with a load of n costs this times n squared an episode."""
LOAD: Final[dict[Verb, int]] = {"approve": 0, "reject": 0, "hold": 0, "flag": 1, "escalate": 2}
FILING_USD: Final[dict[Report, float]] = {"none": 0.0, "ctr": 5.0, "sar": 60.0, "ofac": 40.0}
UNDUE_USD: Final[dict[Report, float]] = {"none": 0.0, "ctr": 40.0, "sar": 500.0, "ofac": 600.0}
"""A report that was not due: the customer is marked, sometimes left without a bank."""
UNREPORTED_SHARE: Final[dict[Verb, float]] = {
    "approve": 1.0,
    "reject": 1.0,
    "hold": 1.0,
    "flag": 0.7,
    "escalate": 0.5,
}
"""Share of a missing report's price that stays, since reviewers often file what the first desk missed."""


def wait_usd(asked: int) -> float:
    """Price of one more question about a case after `asked` of them."""
    return WAIT_USD * (2 * asked + 1)


def probe_usd(probe: ProbeName, asked: int) -> float:
    """Price of a probe after `asked` others on the same case: budget and waiting."""
    return TENTH_USD * PROBE_TENTHS[probe] + wait_usd(asked)


def review_usd(load: int, more: int) -> float:
    """Price of putting `more` on a desk that already has `load`."""
    return REVIEW_USD * ((load + more) ** 2 - load**2)


def worst_work_usd(cases: int) -> float:
    """Bound of everything but the losses of `cases` cases: budget, waiting and reviews."""
    waiting = WAIT_USD * STEPS_PER_CASE**2 * cases
    return BUDGET_TENTHS * TENTH_USD + waiting + review_usd(0, cases * LOAD["escalate"])
