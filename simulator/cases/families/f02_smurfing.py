"""2, smurfing: many people pay small sums into several accounts that feed one, and one wire goes abroad.

A club's dues or a charity drive flow the same way, with a register behind them. Red flags: FFIEC BSA/AML
manual, appendix F.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.graph_shapes import GraphShape
from simulator.cases.losses import benign, illicit

_ONE_HAND: Final = GraphShape(
    "fan_in", spokes=(12, 20), amount=(900.0, 2900.0), dwell_minutes=(30, 400), shared_devices=(5, 9)
)
_UNCLEAR: Final = GraphShape(
    "fan_in", spokes=(12, 20), amount=(900.0, 2900.0), dwell_minutes=(400, 1500), shared_devices=(1, 3)
)
_MANY_HANDS: Final = GraphShape(
    "fan_in", spokes=(12, 20), amount=(900.0, 2900.0), dwell_minutes=(900, 6000), shared_devices=(0, 1)
)

FAMILY: Final = Family(
    number="2",
    name="smurfing",
    title="Many depositors below $3,000, one master account, one wire abroad",
    group="structuring",
    tier="medium",
    worlds=(
        World("depositor_ring", 0.28, is_illicit=True, losses=illicit(5200.0, "hold", "sar", 1400.0)),
        World("hired_depositors", 0.12, is_illicit=True, losses=illicit(4300.0, "hold", "sar", 1100.0)),
        World("club", 0.35, is_illicit=False, losses=benign(3600.0)),
        World("charity_drive", 0.25, is_illicit=False, losses=benign(4200.0)),
    ),
    surface=Surface(
        amount=23800.0,
        risk_score=0.66,
        flags=("fan_in", "consolidation", "outgoing_wire"),
        memos=("Collected contributions", "Season transfer", "On behalf of all, thank you"),
        receiver="company",
        velocity_1h=3,
        velocity_24h=16,
        avg_transaction_amount=1850.0,
        account_age_days=260,
        country_risk="medium",
    ),
    questions={
        "inspect": (
            Finding(
                "Several depositors use the holder's telephone; three gave the same address in {city}.",
                {"depositor_ring": 0.8, "hired_depositors": 0.25, "benign": 0.03},
                frozenset({"suspicion"}),
                _ONE_HAND,
            ),
            Finding(
                "Depositors live in several towns; a few come to the counter one after the other.",
                {"depositor_ring": 0.14, "hired_depositors": 0.6, "benign": 0.3},
                graph=_UNCLEAR,
            ),
            Finding(
                "Each depositor pays from an own device, as in the same months of last year.",
                {"depositor_ring": 0.06, "hired_depositors": 0.15, "benign": 0.67},
                graph=_MANY_HANDS,
            ),
        ),
        "request_docs": tell(
            bad="The list of names that came has no dates, and half of the depositors are not on it.",
            unclear="The treasurer is travelling; the list is promised for next week.",
            good="A dated register names each depositor, the sum and the purpose of the wire.",
            hit=0.72,
            alarm=0.08,
            silence=0.3,
        ),
        "verify_kyc": silent("{sender} is who the file says; the account was opened in person at {bank}."),
        "contact_sender": tell(
            bad="{sender} could not name three of the depositors.",
            unclear="{sender} rang off politely and promised to ring back.",
            good="{sender} explained what the money pays for and who decided on it.",
            hit=0.55,
            alarm=0.25,
            silence=0.25,
            bad_facts=(),
        ),
    },
    hints=("inspect", "request_docs"),
)
