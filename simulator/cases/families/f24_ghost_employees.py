"""24, ghost employees: four names on a payroll, one bank account.

Spouses and seasonal crews share accounts too. The papers say who was hired; the account's other payments say
who lives from it. An insider keeps such names alive, so the report has no threshold (12 CFR 21.11(c)(1)), and
the decision belongs outside the payroll office.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.graph_shapes import GraphShape
from simulator.cases.losses import benign, illicit

_ONE_PURSE: Final = GraphShape(
    "fan_in", spokes=(4, 6), amount=(1500.0, 2100.0), dwell_minutes=(20, 300), shared_devices=(3, 5)
)
_HOUSEHOLD: Final = GraphShape(
    "fan_in",
    spokes=(4, 6),
    amount=(1500.0, 2100.0),
    pass_through=(0.5, 0.9),
    dwell_minutes=(2000, 9000),
    shared_devices=(1, 4),
)

FAMILY: Final = Family(
    number="24",
    name="ghost_employees",
    title="Four employees are paid into one bank account",
    group="fraud",
    tier="hard",
    worlds=(
        World("invented_staff", 0.22, is_illicit=True, losses=illicit(4200.0, "escalate", "sar", 900.0)),
        World("leavers_kept_on", 0.12, is_illicit=True, losses=illicit(3700.0, "escalate", "sar", 800.0)),
        World("spouses", 0.36, is_illicit=False, losses=benign(3100.0)),
        World("seasonal_crew", 0.3, is_illicit=False, losses=benign(2800.0)),
    ),
    surface=Surface(
        amount=7300.0,
        risk_score=0.57,
        flags=("payroll", "shared_account", "fan_in"),
        memos=("Wages, week 30", "Net pay {receiver}", "Payroll run"),
        transaction_type="payment",
        sender="company",
        receiver="person",
        velocity_1h=5,
        velocity_24h=62,
        avg_transaction_amount=1820.0,
        account_age_days=1480,
        counterparty_risk="clean",
    ),
    questions={
        "inspect": (
            Finding(
                "The wages leave within hours to the card of somebody in the payroll office.",
                {"invented_staff": 0.55, "leavers_kept_on": 0.4, "benign": 0.02},
                frozenset({"suspicion", "insider"}),
                _ONE_PURSE,
            ),
            Finding(
                "The wages are drawn in cash in {city} on payday.",
                {"invented_staff": 0.37, "leavers_kept_on": 0.5, "spouses": 0.28, "seasonal_crew": 0.6},
                graph=_ONE_PURSE,
            ),
            Finding(
                "Rent, groceries and school meals are paid from the account.",
                {"invented_staff": 0.08, "leavers_kept_on": 0.1, "spouses": 0.7, "seasonal_crew": 0.38},
                graph=_HOUSEHOLD,
            ),
        ),
        "request_docs": (
            Finding(
                "Two of the four have neither a contract nor a tax number; one clerk entered them all.",
                {"invented_staff": 0.88, "leavers_kept_on": 0.45, "benign": 0.03},
                frozenset({"suspicion", "insider"}),
            ),
            Finding(
                "Contracts came for all four; the time sheets are missing.",
                {"invented_staff": 0.08, "leavers_kept_on": 0.45, "spouses": 0.12, "seasonal_crew": 0.22},
            ),
            Finding(
                "Contracts, tax numbers and signed time sheets came for all four.",
                {"invented_staff": 0.04, "leavers_kept_on": 0.1, "spouses": 0.85, "seasonal_crew": 0.75},
            ),
        ),
        "verify_kyc": tell(
            bad="The holder of the account has the same address as a payroll clerk.",
            unclear="The holder of the account moved twice this year.",
            good="The holder of the account and one of the four have lived together for years.",
            hit=0.6,
            alarm=0.12,
            silence=0.5,
        ),
        "contact_sender": silent("The payroll office of {sender} said that the list is as ordered."),
    },
    hints=("request_docs", "inspect"),
)
