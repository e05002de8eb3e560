"""29, coins through a mixer: a new exchange wallet is cashed out in full.

Long-held coins touch a mixer too, a hop or two away. The share of tainted coins decides, beside a purchase
record. The message lacks the originator's data: it must be complete before the money is passed on (31 CFR
1010.410; FATF recommendation 16). Red flags: FATF, virtual asset indicators, September 2020.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="29",
    name="mixer_off_ramp",
    title="A full cash-out of coins that touched a mixer",
    group="laundering",
    tier="hard",
    worlds=(
        World("mixed_proceeds", 0.34, is_illicit=True, losses=illicit(5600.0, "hold", "sar", 1500.0)),
        World("bought_wallet", 0.14, is_illicit=True, losses=illicit(5000.0, "hold", "sar", 1300.0)),
        World("long_held", 0.32, is_illicit=False, losses=benign(5000.0)),
        World("dusted", 0.2, is_illicit=False, losses=benign(4700.0)),
    ),
    surface=Surface(
        amount=18200.0,
        risk_score=0.77,
        flags=("virtual_asset_sender", "mixer_exposure", "travel_rule_missing", "full_withdrawal"),
        memos=("Withdrawal to bank", "Sale of coins", "Off-ramp {city}"),
        transaction_type="withdrawal",
        receiver="person",
        ml_confidence=0.71,
        velocity_1h=2,
        velocity_24h=3,
        account_age_days=19,
        facts=frozenset({"travel_rule_missing"}),
    ),
    questions={
        "inspect": (
            Finding(
                "Chain analysis: four fifths of the coins left a mixer within the last week.",
                {"mixed_proceeds": 0.8, "bought_wallet": 0.45, "benign": 0.03},
                frozenset({"suspicion"}),
            ),
            Finding(
                "Chain analysis: a tenth of the coins is two hops from a mixer.",
                {"mixed_proceeds": 0.15, "bought_wallet": 0.4, "long_held": 0.3, "dusted": 0.62},
            ),
            Finding(
                "Chain analysis: coins of 2017 that did not move until this month, and a speck of dust.",
                {"mixed_proceeds": 0.05, "bought_wallet": 0.15, "long_held": 0.67, "dusted": 0.35},
            ),
        ),
        "request_docs": (
            Finding(
                "The originator's data came; the purchase record belongs to somebody else.",
                {"mixed_proceeds": 0.5, "bought_wallet": 0.75, "benign": 0.03},
                frozenset({"suspicion", "travel_rule_complete"}),
            ),
            Finding(
                "The exchange has not sent the originator's data.",
                {"mixed_proceeds": 0.4, "bought_wallet": 0.15, "benign": 0.12},
            ),
            Finding(
                "The originator's data, a purchase record and a tax return came; names and sums agree.",
                {"mixed_proceeds": 0.1, "bought_wallet": 0.1, "benign": 0.85},
                frozenset({"travel_rule_complete"}),
            ),
        ),
        "verify_kyc": tell(
            bad="The wallet was opened with a picture of a screen.",
            unclear="The provider asked for a second picture.",
            good="Identity and address of {sender} pass.",
            hit=0.35,
            alarm=0.1,
            silence=0.4,
            bad_facts=(),
        ),
        "contact_sender": tell(
            bad="{sender} could not say which coins were sold.",
            unclear="{sender} would rather not talk about coins on the telephone.",
            good="{sender} told when the coins were bought, and at what price.",
            hit=0.5,
            alarm=0.2,
            silence=0.35,
            bad_facts=(),
        ),
    },
    hints=("request_docs", "inspect"),
)
