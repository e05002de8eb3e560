"""42b, a confident score that is wrong about half of the time: the model never saw this kind of payment.

Its confidence is .95, and there is nothing in the log to contradict it: history was built up with care or is
really good. Only somebody outside can tell: the supplier on its own number, or the owner of the buyer.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="42b",
    name="confident_wrong_score",
    title="A low score of great confidence on a kind of payment the model never saw",
    group="model",
    tier="critical",
    worlds=(
        World("groomed_account", 0.34, is_illicit=True, losses=illicit(7400.0, "hold", "sar", 1500.0)),
        World("hijacked_supplier", 0.16, is_illicit=True, losses=illicit(7900.0, "hold", "sar", 1300.0)),
        World("one_off_purchase", 0.32, is_illicit=False, losses=benign(7800.0)),
        World("seasonal_order", 0.18, is_illicit=False, losses=benign(7200.0)),
    ),
    surface=Surface(
        amount=13100.0,
        risk_score=0.11,
        flags=("new_payment_kind", "known_vendor"),
        memos=("Order 88-2", "Season's stock", "Prepayment {receiver}"),
        transaction_type="payment",
        sender="company",
        ml_confidence=0.95,
        velocity_24h=3,
        avg_transaction_amount=3700.0,
        account_age_days=860,
        counterparty_risk="clean",
        risk_jitter=0.02,
    ),
    questions={
        "inspect": silent("Devices, payees and times are those of the last two years; nothing stands out."),
        "request_docs": (
            Finding(
                "{receiver}, asked on its own number, did not issue the order that came.",
                {"groomed_account": 0.8, "hijacked_supplier": 0.5, "benign": 0.03},
                frozenset({"suspicion"}),
            ),
            Finding(
                "An order came; {receiver} could not be asked before the cut-off.",
                {
                    "groomed_account": 0.14,
                    "hijacked_supplier": 0.25,
                    "one_off_purchase": 0.2,
                    "seasonal_order": 0.1,
                },
            ),
            Finding(
                "{receiver}, asked on its own number, confirmed the order and the account.",
                {
                    "groomed_account": 0.06,
                    "hijacked_supplier": 0.25,
                    "one_off_purchase": 0.77,
                    "seasonal_order": 0.87,
                },
            ),
        ),
        "verify_kyc": silent("{sender} passes every check; its file is complete and renewed."),
        "contact_sender": (
            Finding(
                "The owner of {sender} had ordered nothing and asked who signed.",
                {"groomed_account": 0.2, "hijacked_supplier": 0.05, "benign": 0.01},
                frozenset({"suspicion"}),
            ),
            Finding(
                "The owner of {sender} got new bank details by e-mail and had not checked them.",
                {
                    "groomed_account": 0.1,
                    "hijacked_supplier": 0.8,
                    "one_off_purchase": 0.04,
                    "seasonal_order": 0.03,
                },
                frozenset({"suspicion", "victim"}),
            ),
            Finding(
                "The owner of {sender} knew the order and its price.",
                {
                    "groomed_account": 0.7,
                    "hijacked_supplier": 0.15,
                    "one_off_purchase": 0.95,
                    "seasonal_order": 0.96,
                },
            ),
        ),
    },
    hints=("request_docs", "contact_sender"),
)
