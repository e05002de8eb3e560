"""19, duplicate or inflated invoice: the same number again, with another amount.

A part-payment or a credit note also repeats a number. Order, goods received and invoice decide together: the
three-way match. Nothing here is reported; the payment goes back.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="19",
    name="duplicate_invoice",
    title="An invoice number that was paid before, with another amount",
    group="fraud",
    tier="medium",
    worlds=(
        World("inflated_copy", 0.18, is_illicit=True, losses=illicit(2100.0, "reject")),
        World("paid_twice", 0.14, is_illicit=True, losses=illicit(1800.0, "reject")),
        World("part_payment", 0.43, is_illicit=False, losses=benign(950.0)),
        World("corrected_invoice", 0.25, is_illicit=False, losses=benign(820.0)),
    ),
    surface=Surface(
        amount=2300.0,
        risk_score=0.54,
        flags=("duplicate_reference", "known_vendor"),
        memos=("Invoice 4417", "Invoice 4417, remainder", "4417 corrected"),
        transaction_type="payment",
        sender="company",
        velocity_24h=6,
        avg_transaction_amount=2150.0,
        account_age_days=1480,
        counterparty_risk="clean",
    ),
    questions={
        "inspect": (
            Finding(
                "The first payment under this number covered the whole order.",
                {"inflated_copy": 0.5, "paid_twice": 0.78, "part_payment": 0.04, "corrected_invoice": 0.4},
            ),
            Finding(
                "The first payment under this number was posted to a collecting account.",
                {"inflated_copy": 0.4, "paid_twice": 0.15, "part_payment": 0.3, "corrected_invoice": 0.3},
            ),
            Finding(
                "The first payment under this number was smaller than the order.",
                {"inflated_copy": 0.1, "paid_twice": 0.07, "part_payment": 0.66, "corrected_invoice": 0.3},
            ),
        ),
        "request_docs": tell(
            bad="Order and goods received add up to less than what was already paid.",
            unclear="The delivery note is with the warehouse in {city}.",
            good="Order, goods received and both invoices agree to the cent.",
            hit=0.93,
            alarm=0.04,
            silence=0.16,
            bad_facts=(),
        ),
        "verify_kyc": silent("{receiver} is the vendor on file, with the same account as ever."),
        "contact_sender": tell(
            bad="The buyer never ordered more and asked why it was booked.",
            unclear="The buyer is on leave; a colleague knew nothing.",
            good="The buyer knew of the second invoice and what it is for.",
            hit=0.75,
            alarm=0.08,
            silence=0.35,
            bad_facts=(),
        ),
    },
    hints=("request_docs",),
)
