"""The words of the case environment: verbs, reports, probes, facts, tiers, and what each action costs.

Two decisions end a case: what happens to the payment (a `Verb`) and what is reported (a `Report`). The
published action `file_sar` is hold + SAR; every other verb takes its report from `metadata["report"]`.
`hold` with the report `ofac` is a block: the money is frozen, not returned.
"""

from typing import Final, Literal, NamedTuple, TypeAlias

ActionType: TypeAlias = Literal[
    "approve",
    "reject",
    "flag",
    "escalate",
    "inspect",
    "hold",
    "request_docs",
    "verify_kyc",
    "contact_sender",
    "file_sar",
]
ProbeName: TypeAlias = Literal["inspect", "request_docs", "verify_kyc", "contact_sender"]
Verb: TypeAlias = Literal["approve", "reject", "flag", "hold", "escalate"]
Report: TypeAlias = Literal["none", "ctr", "sar", "ofac"]
Tier: TypeAlias = Literal["easy", "medium", "hard", "critical"]
Group: TypeAlias = Literal["structuring", "network", "fraud", "laundering", "sanctions", "model"]
Profile: TypeAlias = Literal["us", "strict"]
Enforcement: TypeAlias = Literal["mask", "audit"]
View: TypeAlias = Literal["agent", "trainer"]
Split: TypeAlias = Literal["train", "eval"]
Fact: TypeAlias = Literal[
    "suspicion",  # a finding that gives reason to suspect the subject
    "blockable",  # a listed party has an interest in the money
    "match_open",  # a name matched a list and nobody has discounted it
    "match_discounted",  # identity data rule the listed person out
    "kyc_lapsed",  # identity documents expired or failed
    "kyc_passed",  # a fresh verification passed
    "travel_rule_missing",  # originator or beneficiary data is missing
    "travel_rule_complete",  # and has been supplied
    "victim",  # the customer would be the victim: contact is right
    "insider",  # an employee is involved: a report has no threshold
    "suspect_unknown",  # something is wrong, but the trail names nobody: the higher threshold counts
    "agent_suspected",  # whoever acts for the customer may be the abuser: nothing is asked of them
]

PROBES: Final[tuple[ProbeName, ...]] = ("inspect", "request_docs", "verify_kyc", "contact_sender")
VERBS: Final[tuple[Verb, ...]] = ("approve", "reject", "flag", "hold", "escalate")
REPORTS: Final[tuple[Report, ...]] = ("none", "ctr", "sar", "ofac")
TIERS: Final[tuple[Tier, ...]] = ("easy", "medium", "hard", "critical")

BUDGET_TENTHS: Final = 50
"""The published budget 5.0, in tenths: integers add up exactly."""
PROBE_TENTHS: Final[dict[ProbeName, int]] = {
    "inspect": 1,
    "request_docs": 2,
    "verify_kyc": 2,
    "contact_sender": 3,
}
REPORT_TENTHS: Final[dict[Report, int]] = {"none": 0, "ctr": 0, "sar": 1, "ofac": 1}
STEPS_PER_CASE: Final = 12
"""A case that is not decided by then lapses: the payment goes out late and unreported."""
MOST_CASES: Final = 8


class Act(NamedTuple):
    """What ends a case."""

    verb: Verb
    report: Report


ACTS: Final[tuple[Act, ...]] = tuple(Act(verb, report) for verb in VERBS for report in REPORTS)
