"""9, scatter-gather: one account pays many, and all of them pay one other.

A marketplace that pays sellers, who all pay one warehouse, is the same picture of two stars. The accounts in
the middle decide: when they were opened, on which devices, and by whom.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, tell
from simulator.cases.graph_shapes import GraphShape
from simulator.cases.losses import benign, illicit

_ONE_WEEK: Final = GraphShape(
    "scatter_gather", spokes=(8, 15), amount=(380.0, 460.0), dwell_minutes=(5, 90), shared_devices=(5, 10)
)
_YOUNG: Final = GraphShape(
    "scatter_gather", spokes=(8, 15), amount=(380.0, 460.0), dwell_minutes=(60, 600), shared_devices=(1, 4)
)
_GROWN: Final = GraphShape(
    "scatter_gather",
    spokes=(8, 15),
    amount=(380.0, 460.0),
    pass_through=(0.55, 0.9),
    dwell_minutes=(600, 4000),
)

FAMILY: Final = Family(
    number="9",
    name="scatter_gather",
    title="One account pays many that all pay one other, in equal steps",
    group="network",
    tier="hard",
    worlds=(
        World("opened_in_bulk", 0.26, is_illicit=True, losses=illicit(4600.0, "hold", "sar", 1300.0)),
        World("bought_accounts", 0.2, is_illicit=True, losses=illicit(4000.0, "hold", "sar", 1100.0)),
        World("marketplace", 0.34, is_illicit=False, losses=benign(4000.0)),
        World("new_marketplace", 0.2, is_illicit=False, losses=benign(3400.0)),
    ),
    surface=Surface(
        amount=4900.0,
        risk_score=0.68,
        ml_confidence=0.38,
        flags=("fan_out", "fan_in", "equal_amounts"),
        memos=("Seller payouts week {city}", "Partner settlement", "Commission run"),
        sender="company",
        velocity_1h=8,
        velocity_24h=22,
        avg_transaction_amount=420.0,
        account_age_days=150,
    ),
    questions={
        "inspect": (
            Finding(
                "The accounts in the middle were opened within one week, most of them on three devices.",
                {
                    "opened_in_bulk": 0.82,
                    "bought_accounts": 0.12,
                    "marketplace": 0.02,
                    "new_marketplace": 0.14,
                },
                frozenset({"suspicion"}),
                _ONE_WEEK,
            ),
            Finding(
                "The accounts in the middle differ in age; several changed their device lately.",
                {"opened_in_bulk": 0.14, "bought_accounts": 0.7, "marketplace": 0.2, "new_marketplace": 0.46},
                frozenset({"suspicion"}),
                _YOUNG,
            ),
            Finding(
                "The accounts in the middle have buyers of their own and keep part of what they are paid.",
                {
                    "opened_in_bulk": 0.04,
                    "bought_accounts": 0.18,
                    "marketplace": 0.78,
                    "new_marketplace": 0.4,
                },
                graph=_GROWN,
            ),
        ),
        "request_docs": tell(
            bad="The partner contracts share one typing error and one signature.",
            unclear="Two sample contracts came; the rest is in an archive.",
            good="Contracts and order lists explain both steps of each payment.",
            hit=0.6,
            alarm=0.12,
            silence=0.3,
        ),
        "verify_kyc": (
            Finding(
                "Half of the holders in the middle say that they sold their account.",
                {"opened_in_bulk": 0.15, "bought_accounts": 0.78, "benign": 0.02},
                frozenset({"suspicion"}),
            ),
            Finding(
                "Holders in the middle did not react to the check within the day.",
                {
                    "opened_in_bulk": 0.75,
                    "bought_accounts": 0.15,
                    "marketplace": 0.3,
                    "new_marketplace": 0.25,
                },
            ),
            Finding(
                "Holders in the middle passed the check and run shops.",
                {
                    "opened_in_bulk": 0.1,
                    "bought_accounts": 0.07,
                    "marketplace": 0.68,
                    "new_marketplace": 0.73,
                },
            ),
        ),
        "contact_sender": tell(
            bad="{sender} could not say what the partners sell.",
            unclear="{sender} referred all questions to a lawyer in {city}.",
            good="{sender} walked through last week's orders on the telephone.",
            hit=0.5,
            alarm=0.15,
            silence=0.3,
            bad_facts=(),
        ),
    },
    hints=("inspect", "verify_kyc"),
)
