"""30, nesting: a respondent bank sends far more than its profile, perhaps for a bank nobody was told of.

Whose accounts the payments start from, and whether that bank is declared as an affiliate, decide together: a
third bank that is declared is an affiliate, one that is not is nested; own customers need no
declaration, and an affiliate that is declared while no payment carries its numbers was renumbered to hide in
the crowd. Rules: FATF recommendation 13.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, tell
from simulator.cases.graph_shapes import GraphShape
from simulator.cases.losses import benign, illicit

_THIRD_BANK: Final = GraphShape(
    "gather_scatter", spokes=(9, 15), amount=(12000.0, 48000.0), dwell_minutes=(5, 90)
)
_OWN: Final = GraphShape(
    "gather_scatter",
    spokes=(9, 15),
    amount=(12000.0, 48000.0),
    pass_through=(0.7, 0.97),
    dwell_minutes=(60, 700),
)

FAMILY: Final = Family(
    number="30",
    name="correspondent_nesting",
    title="A respondent's volume far above its profile",
    group="laundering",
    tier="critical",
    worlds=(
        World("nested_bank", 0.18, is_illicit=True, losses=illicit(15000.0, "escalate", "sar", 1700.0)),
        World("moved_accounts", 0.12, is_illicit=True, losses=illicit(14000.0, "escalate", "sar", 1600.0)),
        World("declared_affiliate", 0.42, is_illicit=False, losses=benign(12600.0)),
        World("grown_customers", 0.28, is_illicit=False, losses=benign(12400.0)),
    ),
    surface=Surface(
        amount=86000.0,
        risk_score=0.56,
        flags=("volume_above_profile", "correspondent", "high_velocity"),
        memos=("Customer transfer", "Cover for our message 402", "By order of our client"),
        sender="company",
        ml_confidence=0.86,
        velocity_1h=18,
        velocity_24h=140,
        avg_transaction_amount=31000.0,
        account_age_days=2300,
        country_risk="medium",
        kyc_expiry_days=120,
        velocity_jitter=6,
    ),
    questions={
        "inspect": (
            Finding(
                "Half of the messages start from account numbers of a third bank.",
                {
                    "nested_bank": 0.93,
                    "moved_accounts": 0.03,
                    "declared_affiliate": 0.94,
                    "grown_customers": 0.03,
                },
                frozenset({"suspicion"}),
                _THIRD_BANK,
            ),
            Finding(
                "The account numbers of half of the messages are cut off.", {"illicit": 0.04, "benign": 0.04}
            ),
            Finding(
                "All messages start from account numbers of the respondent itself.",
                {
                    "nested_bank": 0.03,
                    "moved_accounts": 0.93,
                    "declared_affiliate": 0.02,
                    "grown_customers": 0.93,
                },
                graph=_OWN,
            ),
        ),
        "request_docs": (
            Finding(
                "The respondent's present questionnaire declares no affiliate.",
                {
                    "nested_bank": 0.9,
                    "moved_accounts": 0.04,
                    "declared_affiliate": 0.03,
                    "grown_customers": 0.93,
                },
            ),
            Finding("The respondent's questionnaire is a year old.", {"illicit": 0.05, "benign": 0.05}),
            Finding(
                "The respondent's present questionnaire declares an affiliate bank and its customers.",
                {
                    "nested_bank": 0.05,
                    "moved_accounts": 0.91,
                    "declared_affiliate": 0.92,
                    "grown_customers": 0.02,
                },
                frozenset({"suspicion"}),
            ),
        ),
        "verify_kyc": tell(
            bad="The licence of a bank in {city} that uses this route was withdrawn.",
            unclear="The supervisor's register is being rebuilt.",
            good="The licences of the respondent and of its group are in force.",
            hit=0.45,
            alarm=0.1,
            silence=0.5,
        ),
        "contact_sender": tell(
            bad="The respondent's desk answered that no details are given.",
            unclear="The respondent's desk will answer within ten days.",
            good="The respondent's desk explained the growth and named the customers behind it.",
            hit=0.3,
            alarm=0.15,
            silence=0.5,
            bad_facts=(),
        ),
    },
    hints=("inspect", "request_docs"),
)
