"""35, a name on a sanctions list that belongs to somebody else, as most matches do.

Screening spells names many ways, so a high score is common and means little. The likeness is discounted with
identity data, and the data, not the name, are the recorded reason. Nobody releases an open match (G4).
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="35",
    name="name_likeness",
    title="A name match of .9 or more that is mostly a chance likeness",
    group="sanctions",
    tier="easy",
    worlds=(
        World("listed_person", 0.22, is_illicit=True, losses=illicit(12600.0, "block", "ofac", 3600.0)),
        World("spelling", 0.5, is_illicit=False, losses=benign(5600.0)),
        World("common_name", 0.28, is_illicit=False, losses=benign(5100.0)),
    ),
    surface=Surface(
        amount=9200.0,
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
        "inspect": silent("The match rests on the name alone; no earlier payment went to {receiver}."),
        "request_docs": tell(
            bad="The identity card that came lacks the page with the place of birth.",
            unclear="No document of {receiver} came within the day.",
            good="The identity card that came gives another year of birth than the list.",
            hit=0.7,
            alarm=0.15,
            silence=0.45,
            bad_facts=(),
        ),
        "verify_kyc": (
            Finding(
                "Date of birth, place of birth and passport equal the remarks of the list.",
                {"listed_person": 0.93, "benign": 0.005},
                frozenset({"suspicion", "blockable"}),
            ),
            Finding(
                "The year of birth agrees; place and passport are not on file.",
                {"listed_person": 0.06, "spelling": 0.07, "common_name": 0.18},
            ),
            Finding(
                "Date of birth, place of birth and passport differ from the remarks of the list.",
                {"listed_person": 0.01, "spelling": 0.925, "common_name": 0.815},
                frozenset({"match_discounted"}),
            ),
        ),
        "contact_sender": tell(
            bad="{sender} would not say how {receiver} is known.",
            unclear="{sender} could not be reached.",
            good="{sender} told where {receiver} was born and went to school.",
            hit=0.5,
            alarm=0.12,
            silence=0.35,
            bad_facts=(),
        ),
    },
    hints=("verify_kyc",),
)
