"""27, trade-based laundering by price: an invoice far above the average of its tariff heading.

Price and grade decide only together. A high price for the ordinary grade moves money out, an ordinary price
for the special grade moves goods out; a high price for the special grade and an ordinary price for the
ordinary grade are trade. Red flags: FATF and Egmont Group, risk indicators, March 2021.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="27",
    name="over_invoicing",
    title="A unit price far from the average of its tariff heading",
    group="laundering",
    tier="critical",
    worlds=(
        World("over_invoiced", 0.2, is_illicit=True, losses=illicit(13500.0, "escalate", "sar", 1500.0)),
        World("under_invoiced", 0.14, is_illicit=True, losses=illicit(12000.0, "escalate", "sar", 1400.0)),
        World("special_grade", 0.39, is_illicit=False, losses=benign(13400.0)),
        World("wrong_heading", 0.27, is_illicit=False, losses=benign(12900.0)),
    ),
    surface=Surface(
        amount=64000.0,
        risk_score=0.59,
        flags=("unit_price_outlier", "late_change_of_payer", "trade_finance"),
        memos=("Invoice 2217, second lot", "Goods as per contract", "Shipment to {city}"),
        transaction_type="payment",
        sender="company",
        ml_confidence=0.83,
        velocity_24h=3,
        avg_transaction_amount=38000.0,
        account_age_days=840,
        country_risk="medium",
    ),
    questions={
        "inspect": (
            Finding(
                "Customs data: the unit price is three times that of the same goods this quarter.",
                {"over_invoiced": 0.92, "under_invoiced": 0.03, "special_grade": 0.92, "wrong_heading": 0.03},
                frozenset({"suspicion"}),
            ),
            Finding("Customs data for this heading are a year old.", {"illicit": 0.05, "benign": 0.05}),
            Finding(
                "Customs data: the unit price is that of the ordinary grade; the heading is a wide one.",
                {"over_invoiced": 0.03, "under_invoiced": 0.92, "special_grade": 0.03, "wrong_heading": 0.92},
            ),
        ),
        "request_docs": (
            Finding(
                "The assay, checked with its laboratory, gives the ordinary grade.",
                {"over_invoiced": 0.9, "under_invoiced": 0.03, "special_grade": 0.03, "wrong_heading": 0.9},
            ),
            Finding(
                "The assay is announced for the arrival of the goods.", {"illicit": 0.07, "benign": 0.07}
            ),
            Finding(
                "The assay, checked with its laboratory, gives the special grade.",
                {"over_invoiced": 0.03, "under_invoiced": 0.9, "special_grade": 0.9, "wrong_heading": 0.03},
                frozenset({"suspicion"}),
            ),
        ),
        "verify_kyc": tell(
            bad="Buyer and seller share a director.",
            unclear="The seller's register lists no directors.",
            good="Buyer and seller have traded for nine years and share no director.",
            hit=0.42,
            alarm=0.18,
            silence=0.4,
            bad_facts=(),
        ),
        "contact_sender": silent("{sender} answered that prices follow the contract with {receiver}."),
    },
    hints=("inspect", "request_docs"),
)
