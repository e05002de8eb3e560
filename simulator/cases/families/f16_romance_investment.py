"""16, romance and investment fraud: growing sums to a trading platform, and nobody may know.

An own account at a regulated broker takes the same sums. The customer may insist: the payment is still held.
The papers of a copied firm are perfect, and the customer's trust is honest: ask who gave the advice, then
look the platform up.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="16",
    name="romance_investment",
    title="Growing sums to a trading platform that a new friend recommended, or an own broker",
    group="fraud",
    tier="hard",
    worlds=(
        World("false_platform", 0.27, is_illicit=True, losses=illicit(8800.0, "hold", "sar", 1200.0)),
        World("copied_firm", 0.18, is_illicit=True, losses=illicit(9600.0, "hold", "sar", 1200.0)),
        World("regulated_broker", 0.36, is_illicit=False, losses=benign(7600.0)),
        World("own_wallet", 0.19, is_illicit=False, losses=benign(6800.0)),
    ),
    surface=Surface(
        amount=11800.0,
        risk_score=0.24,
        ml_confidence=0.92,
        flags=("growing_amounts", "virtual_asset_receiver", "savings_closed"),
        memos=("Investment", "Account funding {sender}", "Third instalment"),
        velocity_24h=2,
        avg_transaction_amount=3400.0,
        account_age_days=2600,
        country_risk="medium",
        velocity_jitter=1,
    ),
    questions={
        "inspect": tell(
            bad="Six payments in seven weeks, each larger, and never one cent back.",
            unclear="Two payments so far; too few to see a pattern.",
            good="Money went there and came back several times over two years.",
            hit=0.62,
            alarm=0.25,
            silence=0.3,
            bad_facts=(),
        ),
        "request_docs": (
            Finding(
                "The platform is on a regulator's warning list.",
                {"false_platform": 0.66, "copied_firm": 0.1, "benign": 0.02},
                frozenset({"suspicion", "victim"}),
            ),
            Finding(
                "No register knows the platform, and no list warns of it.",
                {"false_platform": 0.28, "copied_firm": 0.1, "regulated_broker": 0.05, "own_wallet": 0.8},
            ),
            Finding(
                "Statements carry the name and the licence number of a regulated firm.",
                {"false_platform": 0.06, "copied_firm": 0.8, "regulated_broker": 0.93, "own_wallet": 0.18},
            ),
        ),
        "verify_kyc": tell(
            bad="The receiving account is in the name of a private person.",
            unclear="The receiving account is a collecting account of a payment firm.",
            good="The receiving account is a client account in the firm's own name.",
            hit=0.62,
            alarm=0.1,
            silence=0.45,
        ),
        "contact_sender": (
            Finding(
                "{sender} never met the adviser, writes there daily, and must not tell the family.",
                {"false_platform": 0.72, "copied_firm": 0.58, "benign": 0.02},
                frozenset({"suspicion", "victim"}),
            ),
            Finding(
                "{sender} said that it is nobody's business, and insisted.",
                {"false_platform": 0.2, "copied_firm": 0.27, "regulated_broker": 0.2, "own_wallet": 0.4},
            ),
            Finding(
                "{sender} chose the firm alone, years ago, and knows what a withdrawal costs.",
                {"false_platform": 0.08, "copied_firm": 0.15, "regulated_broker": 0.78, "own_wallet": 0.58},
            ),
        ),
    },
    hints=("contact_sender", "request_docs"),
    exempt_contact=True,
)
