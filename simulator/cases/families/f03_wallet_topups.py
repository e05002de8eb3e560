"""3, micro-structuring: dozens of cash top-ups of a wallet within a day, then one withdrawal.

A seller on a marketplace is paid in the same small sums by many buyers. Red flags: FATF, virtual asset
indicators, September 2020.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, tell
from simulator.cases.graph_shapes import GraphShape
from simulator.cases.losses import benign, illicit

_ONE_KIOSK: Final = GraphShape(
    "fan_in", spokes=(30, 45), amount=(180.0, 240.0), dwell_minutes=(2, 30), shared_devices=(6, 15)
)
_FEW_KIOSKS: Final = GraphShape(
    "fan_in", spokes=(30, 45), amount=(180.0, 240.0), dwell_minutes=(20, 300), shared_devices=(1, 6)
)
_BUYERS: Final = GraphShape(
    "fan_in", spokes=(30, 45), amount=(180.0, 240.0), dwell_minutes=(240, 2500), shared_devices=(0, 2)
)

FAMILY: Final = Family(
    number="3",
    name="wallet_topups",
    title="Forty top-ups of about $200 within a day, then a withdrawal",
    group="structuring",
    tier="hard",
    worlds=(
        World("kiosk_runner", 0.22, is_illicit=True, losses=illicit(1700.0, "hold", "sar", 500.0)),
        World("spread_runners", 0.14, is_illicit=True, losses=illicit(1500.0, "hold", "sar", 450.0)),
        World("marketplace_seller", 0.44, is_illicit=False, losses=benign(850.0)),
        World("ticket_reseller", 0.2, is_illicit=False, losses=benign(750.0)),
    ),
    surface=Surface(
        amount=212.0,
        risk_score=0.63,
        ml_confidence=0.72,
        flags=("high_velocity", "small_credits", "rapid_movement"),
        memos=("Top-up", "Order paid, thanks", "Wallet {sender}"),
        transaction_type="withdrawal",
        receiver="company",
        velocity_1h=9,
        velocity_24h=43,
        avg_transaction_amount=208.0,
        account_age_days=118,
        velocity_jitter=5,
    ),
    questions={
        "inspect": (
            Finding(
                "Nearly all top-ups came from one kiosk in {city} and left for an exchange at once.",
                {"kiosk_runner": 0.74, "spread_runners": 0.2, "benign": 0.04},
                frozenset({"suspicion"}),
                _ONE_KIOSK,
            ),
            Finding(
                "Top-ups came from a dozen places; some left within the hour, some stayed.",
                {
                    "kiosk_runner": 0.2,
                    "spread_runners": 0.6,
                    "marketplace_seller": 0.3,
                    "ticket_reseller": 0.45,
                },
                graph=_FEW_KIOSKS,
            ),
            Finding(
                "Credits come at all hours from different phones, and money is spent on postage.",
                {
                    "kiosk_runner": 0.06,
                    "spread_runners": 0.2,
                    "marketplace_seller": 0.66,
                    "ticket_reseller": 0.51,
                },
                graph=_BUYERS,
            ),
        ),
        "request_docs": tell(
            bad="The sales list that came has order numbers that no marketplace issues.",
            unclear="A screenshot of a shop page came, without orders.",
            good="The marketplace's payout statement agrees with the credits one by one.",
            hit=0.8,
            alarm=0.07,
            silence=0.28,
        ),
        "verify_kyc": tell(
            bad="The telephone number belongs to a prepaid card bought this month.",
            unclear="The provider has no data about this number.",
            good="Number and address of {sender} have been the same for years.",
            hit=0.5,
            alarm=0.28,
            silence=0.2,
            bad_facts=(),
        ),
        "contact_sender": tell(
            bad="{sender} did not know how many credits came today.",
            unclear="The number rang without an answer.",
            good="{sender} named what was sold and to whom the last parcels went.",
            hit=0.45,
            alarm=0.2,
            silence=0.4,
            bad_facts=(),
        ),
    },
    hints=("inspect", "request_docs"),
)
