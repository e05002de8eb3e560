"""26, laundering through a loan: a third party pays it off years early.

An employer who redeems a moving employee's loan does the same, and so does a parent. The question is who pays
and from what: papers of the payer answer it, talk does not. Red flags: FFIEC BSA/AML manual, appendix F.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="26",
    name="loan_repayment",
    title="A third party pays a loan off years early",
    group="laundering",
    tier="hard",
    worlds=(
        World("unrelated_payer", 0.3, is_illicit=True, losses=illicit(7200.0, "hold", "sar", 1900.0)),
        World("cash_collateral", 0.14, is_illicit=True, losses=illicit(6600.0, "hold", "sar", 1800.0)),
        World("relocation_loan", 0.34, is_illicit=False, losses=benign(6800.0)),
        World("parents_gift", 0.22, is_illicit=False, losses=benign(6100.0)),
    ),
    surface=Surface(
        amount=27500.0,
        risk_score=0.53,
        flags=("third_party_payer", "early_repayment", "large_credit"),
        memos=("Redemption of loan", "Final instalment {receiver}", "Settlement, thank you"),
        transaction_type="payment",
        sender="person",
        receiver="person",
        velocity_24h=1,
        avg_transaction_amount=410.0,
        account_age_days=1250,
        velocity_jitter=1,
    ),
    questions={
        "inspect": tell(
            bad="{sender} has redeemed two other borrowers' loans this year.",
            unclear="{sender} has no other payment to this borrower.",
            good="{sender} has paid the same borrower before, in small sums.",
            hit=0.65,
            alarm=0.12,
            silence=0.6,
        ),
        "request_docs": (
            Finding(
                "No paper links {sender} to the borrower, and the money came from cash deposits.",
                {"unrelated_payer": 0.84, "cash_collateral": 0.7, "benign": 0.03},
                frozenset({"suspicion"}),
            ),
            Finding(
                "A letter explains the payment; the source of the money is not shown.",
                {
                    "unrelated_payer": 0.12,
                    "cash_collateral": 0.24,
                    "relocation_loan": 0.1,
                    "parents_gift": 0.3,
                },
            ),
            Finding(
                "A dated agreement names {sender}, the loan and the account the money was earned in.",
                {
                    "unrelated_payer": 0.04,
                    "cash_collateral": 0.06,
                    "relocation_loan": 0.87,
                    "parents_gift": 0.67,
                },
            ),
        ),
        "verify_kyc": silent("Identity and address of {sender} and of the borrower pass."),
        "contact_sender": tell(
            bad="{sender} could not say what the loan was for.",
            unclear="{sender} called it a private matter.",
            good="{sender} knew the borrower's family and the year of the loan.",
            hit=0.55,
            alarm=0.2,
            silence=0.3,
            bad_facts=(),
        ),
    },
    hints=("request_docs",),
)
