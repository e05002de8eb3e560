"""5, funnel account: deposits in cities far apart, withdrawals elsewhere within a day or two.

A trade that travels from fair to fair leaves the same map. Red flags: FFIEC BSA/AML manual, appendix F.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="5",
    name="funnel_account",
    title="Cash paid in far from where the holder lives, withdrawn somewhere else",
    group="structuring",
    tier="medium",
    worlds=(
        World("funnel", 0.4, is_illicit=True, losses=illicit(3400.0, "hold", "sar", 900.0)),
        World("lent_account", 0.18, is_illicit=True, losses=illicit(2700.0, "hold", "sar", 700.0)),
        World("fairground_trader", 0.25, is_illicit=False, losses=benign(4300.0)),
        World("fitters_crew", 0.17, is_illicit=False, losses=benign(3700.0)),
    ),
    surface=Surface(
        amount=3900.0,
        risk_score=0.49,
        ml_confidence=0.81,
        flags=("distant_deposits", "rapid_movement", "cash_deposit"),
        memos=("Work in {city}", "Weekly cash", "For materials"),
        transaction_type="withdrawal",
        receiver="person",
        velocity_24h=5,
        avg_transaction_amount=3100.0,
        account_age_days=410,
    ),
    questions={
        "inspect": (
            Finding(
                "Deposits in three states on one day; the holder's own card was at home in {city} all week.",
                {"funnel": 0.8, "lent_account": 0.62, "benign": 0.04},
                frozenset({"suspicion"}),
            ),
            Finding(
                "Deposits in three states within the week; the holder's card was not used at all.",
                {"funnel": 0.15, "lent_account": 0.28, "benign": 0.34},
            ),
            Finding(
                "The holder's card bought fuel and rooms along the same road as the deposits.",
                {"funnel": 0.05, "lent_account": 0.1, "benign": 0.62},
            ),
        ),
        "request_docs": tell(
            bad="The job sheets that came name no customer who can be found.",
            unclear="A diary with town names came, without sums.",
            good="Pitch fees and job sheets carry the dates and towns of the deposits.",
            hit=0.66,
            alarm=0.12,
            silence=0.25,
        ),
        "verify_kyc": tell(
            bad="The address on file is a parcel shop.",
            unclear="The address could not be confirmed from public records.",
            good="The holder lives at the address on file and is registered as a sole trader.",
            hit=0.45,
            alarm=0.3,
            silence=0.2,
            bad_facts=(),
        ),
        "contact_sender": (
            Finding(
                "{sender} lent the card to a cousin and does not know who pays in.",
                {"funnel": 0.05, "lent_account": 0.6, "benign": 0.01},
                frozenset({"suspicion"}),
            ),
            Finding(
                "{sender} was on the road and asked to be rung in the evening.",
                {"funnel": 0.6, "lent_account": 0.2, "benign": 0.5},
            ),
            Finding(
                "{sender} named the towns of the week in order.",
                {"funnel": 0.35, "lent_account": 0.2, "benign": 0.49},
            ),
        ),
    },
    hints=("inspect",),
)
