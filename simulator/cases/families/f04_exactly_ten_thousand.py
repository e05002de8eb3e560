"""4, exactly $10,000.00 in cash: a currency report is due above that sum, not at it (31 CFR 1010.311).

What else was paid in that day decides: cash of one person on one day is added up (31 CFR 1010.313). One more
deposit makes a report due without anything being wrong; a habit of stopping at the line is another matter.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="4",
    name="exactly_ten_thousand",
    title="Cash of exactly $10,000.00: no report, a report, or a habit of stopping at the line",
    group="structuring",
    tier="easy",
    worlds=(
        World("line_walker", 0.25, is_illicit=True, losses=illicit(2600.0, "hold", "sar", 700.0)),
        World("round_sum", 0.45, is_illicit=False, losses=benign(900.0)),
        World("second_deposit", 0.3, is_illicit=False, losses=benign(900.0, "ctr", 950.0)),
    ),
    surface=Surface(
        amount=10000.0,
        risk_score=0.52,
        flags=("cash_deposit", "round_amount"),
        memos=("Sale of my boat", "Cash deposit", "Savings"),
        receiver="person",
        velocity_24h=2,
        avg_transaction_amount=1900.0,
        account_age_days=1460,
        amount_jitter=(1.0, 1.0),
        velocity_jitter=1,
    ),
    questions={
        "inspect": (
            Finding(
                "Fourth deposit of exactly {amount} {currency} in a month, each on another day and branch.",
                {"line_walker": 0.86, "round_sum": 0.02, "second_deposit": 0.02},
                frozenset({"suspicion"}),
            ),
            Finding(
                "Cash of the customer today: {amount} {currency} here, 640.00 at the machine in {city}.",
                {"line_walker": 0.09, "round_sum": 0.03, "second_deposit": 0.93},
            ),
            Finding(
                "No other cash today, and none this year.",
                {"line_walker": 0.05, "round_sum": 0.95, "second_deposit": 0.05},
            ),
        ),
        "request_docs": tell(
            bad="The bill of sale that came bears a date after the deposit.",
            unclear="A handwritten receipt came; neither name can be read.",
            good="A bill of sale over {amount} {currency} names both sides.",
            hit=0.6,
            alarm=0.1,
            silence=0.3,
        ),
        "verify_kyc": silent("Identity and address of {sender} pass; nothing has changed since last year."),
        "contact_sender": tell(
            bad="{sender} said that the sum was chosen so that no form is needed.",
            unclear="{sender} said it was savings and left it at that.",
            good="{sender} told whom the cash came from without hesitation.",
            hit=0.4,
            alarm=0.06,
            silence=0.4,
        ),
    },
    hints=("inspect",),
)
