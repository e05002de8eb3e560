"""20, card testing: hundreds of tiny authorisations of one card range, most of them declined.

A parking operator or a donation day makes as many tiny payments. One look at addresses and programs decides;
everything else costs more than it is worth here. Decline codes are never told to whoever pays.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="20",
    name="card_testing",
    title="Hundreds of authorisations below two dollars",
    group="fraud",
    tier="easy",
    worlds=(
        World("card_tester", 0.6, is_illicit=True, losses=illicit(380.0, "reject")),
        World("parking_meters", 0.25, is_illicit=False, losses=benign(640.0)),
        World("donation_day", 0.15, is_illicit=False, losses=benign(540.0)),
    ),
    surface=Surface(
        amount=1.2,
        risk_score=0.81,
        ml_confidence=0.97,
        flags=("high_velocity", "small_amounts", "many_declines"),
        memos=("Donation", "Ticket", "Order 1"),
        transaction_type="payment",
        velocity_1h=310,
        velocity_24h=420,
        avg_transaction_amount=1.3,
        account_age_days=330,
        kyc_status=None,
        kyc_expiry_days=None,
        counterparty_risk="clean",
        amount_jitter=(0.4, 1.6),
        velocity_jitter=60,
    ),
    questions={
        "inspect": (
            Finding(
                "All came from two addresses and one program, with card numbers in ascending order.",
                {"card_tester": 0.85, "benign": 0.015},
                frozenset({"suspicion", "suspect_unknown", "victim"}),
            ),
            Finding(
                "A proxy hides the addresses; card numbers repeat now and then.",
                {"card_tester": 0.11, "parking_meters": 0.16, "donation_day": 0.08},
            ),
            Finding(
                "Hundreds of phones, each with one card; declines are those of empty accounts.",
                {"card_tester": 0.04, "parking_meters": 0.825, "donation_day": 0.905},
            ),
        ),
        "request_docs": silent("The merchant sent its terms of use for {city}."),
        "verify_kyc": silent(
            "{receiver} is a registered merchant; the cards' holders are not its customers."
        ),
        "contact_sender": tell(
            bad="Two card holders have never heard of {receiver}.",
            unclear="None of the card holders could be reached.",
            good="Three card holders remember paying {receiver}.",
            hit=0.85,
            alarm=0.05,
            silence=0.5,
            bad_facts=("suspicion", "suspect_unknown", "victim"),
        ),
    },
    hints=("inspect",),
)
