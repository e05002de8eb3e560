"""34, a name on a sanctions list that is the listed person's.

The first screen is that of a chance likeness of names. Date of birth and passport decide. A true hit is
frozen and reported within ten business days; to reject it would return the money (31 CFR 501.603).
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="34",
    name="true_list_hit",
    title="A name match of .9 or more that is mostly the listed person's",
    group="sanctions",
    tier="medium",
    worlds=(
        World("listed_person", 0.42, is_illicit=True, losses=illicit(8600.0, "block", "ofac", 2600.0)),
        World("agent_of_listed", 0.13, is_illicit=True, losses=illicit(7800.0, "block", "ofac", 2400.0)),
        World("namesake", 0.3, is_illicit=False, losses=benign(10200.0)),
        World("relative_by_name", 0.15, is_illicit=False, losses=benign(9400.0)),
    ),
    surface=Surface(
        amount=9800.0,
        risk_score=0.93,
        flags=("list_name_match", "first_payee"),
        memos=("Family support", "Invoice 31", "Payment {receiver}"),
        receiver="person",
        ml_confidence=0.3,
        velocity_24h=2,
        avg_transaction_amount=2000.0,
        account_age_days=580,
        country_risk="medium",
        counterparty_risk="watchlist",
        facts=frozenset({"match_open"}),
        risk_jitter=0.015,
        velocity_jitter=1,
    ),
    questions={
        "inspect": tell(
            bad="Earlier payments went to a firm of which the list's remarks speak.",
            unclear="There is no earlier payment to this name.",
            good="The same name has been paid each month for two years, always for rent.",
            hit=0.55,
            alarm=0.1,
            silence=0.5,
            bad_facts=("suspicion",),
        ),
        "request_docs": (
            Finding(
                "The passport copy that {sender} sent for {receiver} has a number that the list names.",
                {"listed_person": 0.4, "agent_of_listed": 0.75, "benign": 0.01},
                frozenset({"suspicion", "blockable"}),
            ),
            Finding(
                "No document of {receiver} came within the day.",
                {"listed_person": 0.57, "agent_of_listed": 0.2, "benign": 0.44},
            ),
            Finding(
                "A passport copy came whose number the list does not name.",
                {"listed_person": 0.03, "agent_of_listed": 0.05, "benign": 0.55},
            ),
        ),
        "verify_kyc": (
            Finding(
                "Date of birth, place of birth and passport equal the remarks of the list.",
                {"listed_person": 0.93, "agent_of_listed": 0.3, "benign": 0.01},
                frozenset({"suspicion", "blockable"}),
            ),
            Finding(
                "The year of birth agrees; place and passport are not on file.",
                {"listed_person": 0.06, "agent_of_listed": 0.62, "namesake": 0.08, "relative_by_name": 0.24},
            ),
            Finding(
                "Date of birth, place of birth and passport differ from the remarks of the list.",
                {"listed_person": 0.01, "agent_of_listed": 0.08, "namesake": 0.91, "relative_by_name": 0.75},
                frozenset({"match_discounted"}),
            ),
        ),
        "contact_sender": tell(
            bad="{sender} would not say how {receiver} is known.",
            unclear="{sender} could not be reached.",
            good="{sender} told where {receiver} was born and went to school.",
            hit=0.5,
            alarm=0.1,
            silence=0.35,
            bad_facts=(),
        ),
    },
    hints=("verify_kyc",),
)
