"""32, real estate: a company pays for a house at once, without a loan.

People who sold a house buy the next one through a company for plain reasons. The source of the wealth
decides, and it is on paper or it is not. Rules: FinCEN's residential real estate geographic targeting orders.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="32",
    name="real_estate",
    title="A house is paid in full through a company",
    group="laundering",
    tier="medium",
    worlds=(
        World("unexplained_wealth", 0.25, is_illicit=True, losses=illicit(14000.0, "hold", "sar", 3200.0)),
        World("fronting_buyer", 0.1, is_illicit=True, losses=illicit(12500.0, "hold", "sar", 3000.0)),
        World("sold_home", 0.42, is_illicit=False, losses=benign(8400.0)),
        World("family_company", 0.23, is_illicit=False, losses=benign(7600.0)),
    ),
    surface=Surface(
        amount=412000.0,
        risk_score=0.47,
        flags=("large_credit", "no_loan", "company_buyer"),
        memos=("Completion, {city}", "Purchase price", "Escrow for the house"),
        sender="company",
        ml_confidence=0.79,
        velocity_24h=1,
        avg_transaction_amount=5400.0,
        account_age_days=220,
        velocity_jitter=0,
    ),
    questions={
        "inspect": tell(
            bad="The company's money came in eleven credits from four countries.",
            unclear="The company's money came in two credits from its own bank.",
            good="The company's money came in one credit from a solicitor's escrow.",
            hit=0.6,
            alarm=0.2,
            silence=0.45,
            bad_facts=(),
        ),
        "request_docs": (
            Finding(
                "No paper shows where the money was earned, and the loan agreement names no lender.",
                {"unexplained_wealth": 0.88, "fronting_buyer": 0.6, "benign": 0.03},
                frozenset({"suspicion"}),
            ),
            Finding(
                "A letter of an accountant came, without figures.",
                {
                    "unexplained_wealth": 0.08,
                    "fronting_buyer": 0.3,
                    "sold_home": 0.05,
                    "family_company": 0.25,
                },
            ),
            Finding(
                "The deed of a sale and the bank's receipt explain the whole sum.",
                {
                    "unexplained_wealth": 0.04,
                    "fronting_buyer": 0.1,
                    "sold_home": 0.92,
                    "family_company": 0.72,
                },
            ),
        ),
        "verify_kyc": tell(
            bad="The owner who was declared has no income in any register.",
            unclear="The owner is declared; the register gives no more.",
            good="The owner is declared and has had an income that fits for years.",
            hit=0.7,
            alarm=0.12,
            silence=0.55,
            bad_facts=(),
        ),
        "contact_sender": silent("{sender} is looking forward to the keys."),
    },
    hints=("request_docs",),
)
