"""22, first-party chargeback abuse: delivered, authenticated, and claimed back again.

The true owner of a stolen card makes the same claim. To reject is to reject the claim. The device decides:
has it paid for good orders of this customer before?
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="22",
    name="first_party_chargeback",
    title="A claim that a delivered order was never made",
    group="fraud",
    tier="medium",
    worlds=(
        World("serial_claimant", 0.36, is_illicit=True, losses=illicit(620.0, "reject")),
        World("family_member", 0.16, is_illicit=True, losses=illicit(430.0, "reject")),
        World("stolen_card", 0.36, is_illicit=False, losses=benign(620.0)),
        World("never_delivered", 0.12, is_illicit=False, losses=benign(520.0)),
    ),
    surface=Surface(
        amount=410.0,
        risk_score=0.39,
        ml_confidence=0.55,
        flags=("chargeback", "repeat_claim"),
        memos=("Claim: not me", "Dispute of order", "Unknown charge from {sender}"),
        transaction_type="refund",
        sender="company",
        receiver="person",
        velocity_24h=1,
        avg_transaction_amount=180.0,
        account_age_days=820,
        previous_violations=1,
        counterparty_risk="clean",
        velocity_jitter=1,
    ),
    questions={
        "inspect": (
            Finding(
                "The order came from the device that paid for nine earlier orders without a claim.",
                {"serial_claimant": 0.87, "family_member": 0.8, "stolen_card": 0.03, "never_delivered": 0.35},
            ),
            Finding(
                "The order came from a shop's public terminal.",
                {"serial_claimant": 0.08, "family_member": 0.1, "benign": 0.12},
            ),
            Finding(
                "The order came from a device that was never seen with this card.",
                {"serial_claimant": 0.05, "family_member": 0.1, "stolen_card": 0.85, "never_delivered": 0.53},
            ),
        ),
        "request_docs": tell(
            bad="The carrier has a signature and a photograph at the usual door in {city}.",
            unclear="The carrier has a scan without place or signature.",
            good="The carrier delivered to another address, or not at all.",
            hit=0.75,
            alarm=0.2,
            silence=0.3,
            bad_facts=(),
        ),
        "verify_kyc": tell(
            bad="{receiver} has two more accounts with claims of the same kind.",
            unclear="The provider knows no other account of {receiver}, which says little.",
            good="{receiver} has one account and filed a police report about the card.",
            hit=0.5,
            alarm=0.06,
            silence=0.5,
            bad_facts=(),
        ),
        "contact_sender": tell(
            bad="The merchant has messages in which {receiver} asks about the same parcel.",
            unclear="The merchant keeps no messages.",
            good="The merchant saw three other cards misused that day.",
            hit=0.6,
            alarm=0.1,
            silence=0.45,
            bad_facts=(),
        ),
    },
    hints=("inspect",),
)
