"""14, account takeover: new device, fresh password, a payee added, and the most that can be sent.

A customer abroad with a new telephone does the same in the same evening. A call to the number on file
decides; it warns the victim and tips nobody off.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="14",
    name="account_takeover",
    title="New device, password reset, new payee, the most that can be sent",
    group="fraud",
    tier="easy",
    worlds=(
        World("phished", 0.26, is_illicit=True, losses=illicit(5400.0, "reject", "sar", 700.0)),
        World("sim_swapped", 0.12, is_illicit=True, losses=illicit(5800.0, "reject", "sar", 700.0)),
        World("abroad_new_phone", 0.4, is_illicit=False, losses=benign(3000.0)),
        World("house_move", 0.22, is_illicit=False, losses=benign(2600.0)),
    ),
    surface=Surface(
        amount=7800.0,
        risk_score=0.76,
        flags=("new_device", "password_reset", "first_payee"),
        memos=("Deposit", "Booking {city}", "To {receiver}"),
        receiver="person",
        velocity_1h=2,
        velocity_24h=3,
        avg_transaction_amount=640.0,
        account_age_days=1710,
        velocity_jitter=2,
    ),
    questions={
        "inspect": tell(
            bad="The new device signed in behind an anonymising relay and turned alerts off first.",
            unclear="The new device signed in from a mobile network near {city}.",
            good="The new device signed in where the card was used at lunch; the old one was removed there.",
            hit=0.62,
            alarm=0.14,
            silence=0.35,
            bad_facts=(),
        ),
        "request_docs": tell(
            bad="The invoice that was uploaded is a picture from a search engine.",
            unclear="Nothing was uploaded within the day.",
            good="A booking or a removal contract was uploaded; it names {receiver}.",
            hit=0.45,
            alarm=0.08,
            silence=0.6,
        ),
        "verify_kyc": (
            Finding(
                "The live picture failed: it was played from a screen.",
                {"phished": 0.5, "sim_swapped": 0.4, "benign": 0.02},
                frozenset({"suspicion"}),
            ),
            Finding(
                "The live picture was not finished in time.",
                {"phished": 0.4, "sim_swapped": 0.45, "benign": 0.3},
            ),
            Finding(
                "The live picture agrees with the document of {sender}.",
                {"phished": 0.1, "sim_swapped": 0.15, "benign": 0.68},
            ),
        ),
        "contact_sender": (
            Finding(
                "{sender} knows nothing of a payment to {receiver} and asked to have everything locked.",
                {"phished": 0.9, "sim_swapped": 0.45, "benign": 0.01},
                frozenset({"suspicion"}),
            ),
            Finding(
                "The number on file was moved to another card yesterday, and nobody answered.",
                {"phished": 0.06, "sim_swapped": 0.45, "abroad_new_phone": 0.14, "house_move": 0.06},
                frozenset({"suspicion"}),
            ),
            Finding(
                "{sender} confirmed the payment, its purpose and the new telephone.",
                {"phished": 0.04, "sim_swapped": 0.1, "abroad_new_phone": 0.85, "house_move": 0.93},
            ),
        ),
    },
    hints=("contact_sender",),
    exempt_contact=True,
)
