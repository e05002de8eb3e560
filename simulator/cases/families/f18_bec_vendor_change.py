"""18, business e-mail compromise: a known vendor, new bank details, and it is urgent.

Vendors do change banks. A call to the number on file settles it, unless that number was changed as well: look
at the vendor's record before trusting a call. Red flags: FinCEN advisory FIN-2019-A005.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="18",
    name="bec_vendor_change",
    title="A vendor's invoice with new bank details",
    group="fraud",
    tier="easy",
    worlds=(
        World("lookalike_domain", 0.24, is_illicit=True, losses=illicit(14500.0, "reject", "sar", 1500.0)),
        World("poisoned_record", 0.09, is_illicit=True, losses=illicit(15000.0, "reject", "sar", 1500.0)),
        World("vendor_changed_bank", 0.5, is_illicit=False, losses=benign(7400.0)),
        World("vendor_moved", 0.17, is_illicit=False, losses=benign(6800.0)),
    ),
    surface=Surface(
        amount=38600.0,
        risk_score=0.68,
        ml_confidence=0.95,
        flags=("new_bank_details", "urgent_request", "known_vendor"),
        memos=("Invoice 2291", "Overdue, new account as announced", "Delivery {city}"),
        transaction_type="payment",
        sender="company",
        velocity_24h=7,
        avg_transaction_amount=35200.0,
        account_age_days=2050,
        counterparty_risk="clean",
    ),
    questions={
        "inspect": (
            Finding(
                "The request came from a domain that differs from the vendor's by one letter.",
                {"lookalike_domain": 0.7, "poisoned_record": 0.1, "benign": 0.01},
                frozenset({"suspicion"}),
            ),
            Finding(
                "The vendor's telephone number in the record was changed three weeks ago.",
                {
                    "lookalike_domain": 0.04,
                    "poisoned_record": 0.85,
                    "vendor_changed_bank": 0.03,
                    "vendor_moved": 0.8,
                },
            ),
            Finding(
                "Domain and telephone number in the record are as they were for years.",
                {
                    "lookalike_domain": 0.26,
                    "poisoned_record": 0.05,
                    "vendor_changed_bank": 0.96,
                    "vendor_moved": 0.19,
                },
            ),
        ),
        "request_docs": tell(
            bad="The bank letter uses an old logo, and its bank has no such branch.",
            unclear="An unsigned letter on the vendor's paper came.",
            good="A bank letter came, and {bank} confirmed it through its own channel.",
            hit=0.74,
            alarm=0.04,
            silence=0.25,
        ),
        "verify_kyc": tell(
            bad="The new account belongs to a firm with another name.",
            unclear="The receiving bank does not answer name checks.",
            good="The new account belongs to {receiver}.",
            hit=0.6,
            alarm=0.06,
            silence=0.5,
        ),
        "contact_sender": (
            Finding(
                "Called back on the number on file, the vendor knows of no change.",
                {"lookalike_domain": 0.93, "poisoned_record": 0.04, "benign": 0.01},
                frozenset({"suspicion"}),
            ),
            Finding(
                "Called back on the number on file, nobody in accounts was in.",
                {"lookalike_domain": 0.05, "poisoned_record": 0.06, "benign": 0.08},
            ),
            Finding(
                "Called back on the number on file, accounts confirmed the change.",
                {"lookalike_domain": 0.02, "poisoned_record": 0.9, "benign": 0.91},
            ),
        ),
    },
    hints=("contact_sender", "inspect", "request_docs"),
    exempt_contact=True,
)
