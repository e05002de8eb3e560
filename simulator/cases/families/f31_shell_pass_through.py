"""31, shell company: a new firm with a nominee director passes round sums on.

A special-purpose vehicle of a listed group has no staff and no telephone either. Who owns it decides; asked
for its owners, a shell sends a trust deed or nothing. Red flags: FFIEC BSA/AML manual, appendix F.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.graph_shapes import GraphShape
from simulator.cases.losses import benign, illicit

_THROUGH: Final = GraphShape(
    "pass_through", spokes=(3, 5), amount=(20000.0, 40000.0), dwell_minutes=(10, 180)
)
_RESTS: Final = GraphShape(
    "pass_through",
    spokes=(3, 5),
    amount=(20000.0, 40000.0),
    pass_through=(0.8, 0.97),
    dwell_minutes=(120, 2400),
)

FAMILY: Final = Family(
    number="31",
    name="shell_pass_through",
    title="Round sums through a new firm with a nominee director",
    group="laundering",
    tier="hard",
    worlds=(
        World("shell", 0.38, is_illicit=True, losses=illicit(8200.0, "hold", "sar", 2300.0)),
        World("bought_shelf_firm", 0.17, is_illicit=True, losses=illicit(7400.0, "hold", "sar", 2100.0)),
        World("listed_groups_vehicle", 0.27, is_illicit=False, losses=benign(10900.0)),
        World("young_trader", 0.18, is_illicit=False, losses=benign(9900.0)),
    ),
    surface=Surface(
        amount=30000.0,
        risk_score=0.73,
        flags=("new_account", "nominee_director", "round_amount", "rapid_movement"),
        memos=("Consulting", "Loan tranche 2", "Investment {receiver}"),
        sender="company",
        ml_confidence=0.3,
        velocity_24h=3,
        avg_transaction_amount=29000.0,
        account_age_days=84,
        amount_jitter=(1.0, 1.0),
    ),
    questions={
        "inspect": (
            Finding(
                "No wages, taxes or rent are paid; money rests for less than three hours.",
                {"shell": 0.72, "bought_shelf_firm": 0.5, "listed_groups_vehicle": 0.3, "young_trader": 0.1},
                graph=_THROUGH,
            ),
            Finding(
                "Taxes are paid, wages are not; money rests for a day or two.",
                {
                    "illicit": 0.23,
                    "bought_shelf_firm": 0.4,
                    "listed_groups_vehicle": 0.55,
                    "young_trader": 0.3,
                },
                graph=_RESTS,
            ),
            Finding(
                "Wages, rent and small suppliers are paid each month.",
                {"shell": 0.05, "bought_shelf_firm": 0.1, "listed_groups_vehicle": 0.15, "young_trader": 0.6},
                graph=_RESTS,
            ),
        ),
        "request_docs": tell(
            bad="A trust deed came in place of the owners' names.",
            unclear="The agent who formed the firm asked for two more weeks.",
            good="Contracts with third parties came, and the payments follow them.",
            hit=0.75,
            alarm=0.1,
            silence=0.3,
        ),
        "verify_kyc": (
            Finding(
                "Behind the nominee stands another nominee; no owner would sign.",
                {"shell": 0.86, "bought_shelf_firm": 0.4, "benign": 0.04},
                frozenset({"suspicion"}),
            ),
            Finding(
                "One owner is named; the register entry is a month old.",
                {"shell": 0.1, "bought_shelf_firm": 0.48, "listed_groups_vehicle": 0.04, "young_trader": 0.4},
            ),
            Finding(
                "The owners are named down to persons or to an exchange listing, and documents agree.",
                {
                    "shell": 0.04,
                    "bought_shelf_firm": 0.12,
                    "listed_groups_vehicle": 0.92,
                    "young_trader": 0.56,
                },
            ),
        ),
        "contact_sender": silent("A secretary's service answered for {sender} and took a message."),
    },
    hints=("verify_kyc", "request_docs"),
)
