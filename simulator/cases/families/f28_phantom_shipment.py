"""28, phantom shipment: goods are paid for, and no bill of lading is there.

Bills of lading are late every day. The ship's position is a weak sign, since containers change ships; the
carrier's word about the booking is the strong one. Red flags: FATF and Egmont Group, risk indicators, 2021.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="28",
    name="phantom_shipment",
    title="Goods without a bill of lading, or with one that is late",
    group="laundering",
    tier="critical",
    worlds=(
        World("no_goods", 0.2, is_illicit=True, losses=illicit(12500.0, "escalate", "sar", 1400.0)),
        World("sold_twice", 0.12, is_illicit=True, losses=illicit(11000.0, "escalate", "sar", 1200.0)),
        World("late_bill", 0.4, is_illicit=False, losses=benign(9600.0)),
        World("transshipped", 0.28, is_illicit=False, losses=benign(9000.0)),
    ),
    surface=Surface(
        amount=52000.0,
        risk_score=0.61,
        flags=("bill_of_lading_missing", "trade_finance", "late_change_of_payer"),
        memos=("Container {city}", "Proforma 118, balance", "Against documents"),
        transaction_type="payment",
        sender="company",
        velocity_24h=2,
        avg_transaction_amount=47000.0,
        account_age_days=610,
        country_risk="medium",
    ),
    questions={
        "inspect": tell(
            bad="The ship that was named has not called at the port of loading this month.",
            unclear="The ship's transponder was off for two days.",
            good="The ship that was named left the port of loading on the invoice's date.",
            hit=0.75,
            alarm=0.3,
            silence=0.25,
            bad_facts=(),
        ),
        "request_docs": (
            Finding(
                "The carrier's office knows of no such booking.",
                {"no_goods": 0.88, "sold_twice": 0.25, "benign": 0.02},
                frozenset({"suspicion"}),
            ),
            Finding(
                "The carrier confirms the booking; the bill has been asked for by another bank too.",
                {"no_goods": 0.08, "sold_twice": 0.66, "late_bill": 0.08, "transshipped": 0.16},
                frozenset({"suspicion"}),
            ),
            Finding(
                "The carrier confirms the booking, the weight and the seal; the bill is in the post.",
                {"no_goods": 0.04, "sold_twice": 0.09, "late_bill": 0.9, "transshipped": 0.82},
            ),
        ),
        "verify_kyc": tell(
            bad="The seller has no warehouse and no customs number.",
            unclear="The seller's customs number is under renewal.",
            good="The seller has exported under the same customs number for six years.",
            hit=0.6,
            alarm=0.1,
            silence=0.35,
        ),
        "contact_sender": silent("{sender} expects the goods in {city} and asks for the payment to go out."),
    },
    hints=("request_docs",),
)
