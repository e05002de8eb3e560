"""1, cash structuring: deposits just under the reporting line, at several branches in one week.

A shop whose takings are naturally that large looks the same at the counter. Nearness to $10,000 alone is no
ground for a SAR (FinCEN FAQ, October 2025); cutting deposits to avoid a report is an offence (31 USC 5324).
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="1",
    name="cash_structuring",
    title="Cash deposits just under the reporting line at several branches",
    group="structuring",
    tier="easy",
    worlds=(
        World("structurer", 0.45, is_illicit=True, losses=illicit(2400.0, "hold", "sar", 800.0)),
        World("cash_shop", 0.35, is_illicit=False, losses=benign(2000.0)),
        World("market_stalls", 0.2, is_illicit=False, losses=benign(1700.0)),
    ),
    surface=Surface(
        amount=9400.0,
        risk_score=0.58,
        flags=("cash_deposit", "below_reporting_line", "several_branches"),
        memos=("Takings", "Cash deposit, till two", "Weekend cash for {receiver}"),
        velocity_24h=3,
        avg_transaction_amount=8700.0,
        account_age_days=940,
        amount_jitter=(0.96, 1.05),
    ),
    questions={
        "inspect": (
            Finding(
                "Two deposits were made smaller at the counter after the teller spoke of a report.",
                {"structurer": 0.55, "cash_shop": 0.03, "market_stalls": 0.06},
                frozenset({"suspicion"}),
            ),
            Finding(
                "Deposits near {amount} at three branches this week; nothing was changed at the counter.",
                {"structurer": 0.37, "cash_shop": 0.4, "market_stalls": 0.74},
            ),
            Finding(
                "The same takings on the same weekdays for two years, with dips on public holidays.",
                {"structurer": 0.08, "cash_shop": 0.57, "market_stalls": 0.2},
            ),
        ),
        "request_docs": tell(
            bad="No till rolls and hardly any purchases: nothing sold explains cash of this size.",
            unclear="The bookkeeper sent monthly totals without daily takings.",
            good="Till rolls and sales-tax returns agree with each deposit within a few dollars.",
            hit=0.88,
            alarm=0.06,
            silence=0.15,
        ),
        "verify_kyc": tell(
            bad="The trade licence on file names another line of business.",
            unclear="The licence register of {city} was not reachable.",
            good="Licence, owner and premises in {city} are as the file says.",
            hit=0.4,
            alarm=0.22,
            silence=0.2,
            bad_facts=(),
        ),
        "contact_sender": tell(
            bad="{sender} asked twice which amounts are written down before answering anything.",
            unclear="{sender} was serving customers and said little.",
            good="{sender} told at once how much a weekday and a Saturday bring.",
            hit=0.5,
            alarm=0.2,
            silence=0.3,
            bad_facts=(),
        ),
    },
    hints=("inspect", "request_docs"),
)
