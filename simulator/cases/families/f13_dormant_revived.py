"""13, dormant account revived: idle for more than a year, then three credits and all of it out.

An inheritance that is paid in and invested does the same. Who woke the account decides: a new device is weak,
a face that is not the holder's is not. Red flags: FFIEC BSA/AML manual, appendix F.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="13",
    name="dormant_revived",
    title="An account idle for over a year takes three credits and empties",
    group="network",
    tier="medium",
    worlds=(
        World("taken_over", 0.32, is_illicit=True, losses=illicit(6400.0, "hold", "sar", 1700.0)),
        World("sold_account", 0.18, is_illicit=True, losses=illicit(5600.0, "hold", "sar", 1500.0)),
        World("inheritance", 0.33, is_illicit=False, losses=benign(6200.0)),
        World("back_from_abroad", 0.17, is_illicit=False, losses=benign(5400.0)),
    ),
    surface=Surface(
        amount=14200.0,
        risk_score=0.55,
        ml_confidence=0.64,
        flags=("dormant_account", "new_device", "rapid_movement"),
        memos=("Estate of the late owner", "Closing my account", "Transfer to {receiver}"),
        receiver="person",
        velocity_24h=4,
        avg_transaction_amount=310.0,
        account_age_days=2980,
        kyc_expiry_days=40,
    ),
    questions={
        "inspect": tell(
            bad="The account was woken from a device that opened two other accounts this month.",
            unclear="The account was woken from a new device on a home connection in {city}.",
            good="The account was woken at a counter with a card and a signature.",
            hit=0.7,
            alarm=0.2,
            silence=0.45,
            bad_facts=(),
        ),
        "request_docs": tell(
            bad="The probate letter has the seal of a court that does not deal with estates.",
            unclear="A notary's covering letter came without enclosures.",
            good="Letters of the estate or of the employer abroad explain each of the credits.",
            hit=0.6,
            alarm=0.1,
            silence=0.4,
        ),
        "verify_kyc": (
            Finding(
                "The face on the new picture is not the one on file.",
                {"taken_over": 0.85, "sold_account": 0.12, "benign": 0.02},
                frozenset({"suspicion"}),
            ),
            Finding(
                "The face agrees; the holder's telephone and address were changed the day before.",
                {"taken_over": 0.1, "sold_account": 0.7, "inheritance": 0.08, "back_from_abroad": 0.3},
                frozenset({"suspicion"}),
            ),
            Finding(
                "Face, voice and address of {sender} agree with the file.",
                {"taken_over": 0.05, "sold_account": 0.18, "inheritance": 0.9, "back_from_abroad": 0.68},
            ),
        ),
        "contact_sender": (
            Finding(
                "{sender} was paid for the card and the code, and is sorry.",
                {"taken_over": 0.02, "sold_account": 0.5, "benign": 0.01},
                frozenset({"suspicion"}),
            ),
            Finding(
                "The number on file is no longer in use.",
                {"taken_over": 0.75, "sold_account": 0.25, "inheritance": 0.4, "back_from_abroad": 0.6},
            ),
            Finding(
                "{sender} told of the years in between without being asked.",
                {"taken_over": 0.23, "sold_account": 0.25, "inheritance": 0.59, "back_from_abroad": 0.39},
            ),
        ),
    },
    hints=("verify_kyc",),
)
