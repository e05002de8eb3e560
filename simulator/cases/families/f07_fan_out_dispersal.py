"""7, fan-out dispersal: one large credit, then eight or more payments out on the same day.

A payroll run is the same star. What tells them apart is where the credit came from: stolen money is called
back by the bank that sent it.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, tell
from simulator.cases.graph_shapes import GraphShape
from simulator.cases.losses import benign, illicit

_RECALLED: Final = GraphShape(
    "fan_out", spokes=(9, 16), amount=(2100.0, 3900.0), dwell_minutes=(4, 45), shared_devices=(2, 6)
)
_HASTY: Final = GraphShape(
    "fan_out", spokes=(9, 16), amount=(2100.0, 3900.0), dwell_minutes=(30, 300), shared_devices=(0, 3)
)
_REGULAR: Final = GraphShape(
    "fan_out",
    spokes=(9, 16),
    amount=(2100.0, 3900.0),
    pass_through=(0.6, 0.95),
    dwell_minutes=(200, 1400),
)

FAMILY: Final = Family(
    number="7",
    name="fan_out_dispersal",
    title="One large credit paid out to many on the same day",
    group="network",
    tier="medium",
    worlds=(
        World("dispersal", 0.3, is_illicit=True, losses=illicit(9800.0, "hold", "sar", 2600.0)),
        World("payroll_run", 0.45, is_illicit=False, losses=benign(5600.0)),
        World("contractor_run", 0.25, is_illicit=False, losses=benign(4400.0)),
    ),
    surface=Surface(
        amount=31500.0,
        risk_score=0.74,
        ml_confidence=0.93,
        flags=("fan_out", "rapid_movement", "large_credit"),
        memos=("Wages, see list", "Settlement for {city}", "Batch 3 of 3"),
        transaction_type="payroll",
        sender="company",
        receiver="person",
        velocity_1h=11,
        velocity_24h=14,
        avg_transaction_amount=2950.0,
        account_age_days=230,
    ),
    questions={
        "inspect": (
            Finding(
                "The bank that sent the credit asked for it back an hour ago; some receivers share devices.",
                {"dispersal": 0.66, "benign": 0.015},
                frozenset({"suspicion"}),
                _RECALLED,
            ),
            Finding(
                "The credit is new, no recall so far; most receivers were never paid from here before.",
                {"dispersal": 0.28, "payroll_run": 0.18, "contractor_run": 0.5},
                frozenset({"suspicion"}),
                _HASTY,
            ),
            Finding(
                "Most receivers were paid from here on the same day of earlier months.",
                {"dispersal": 0.06, "payroll_run": 0.805, "contractor_run": 0.485},
                graph=_REGULAR,
            ),
        ),
        "request_docs": tell(
            bad="The pay list that came was made today and has no tax numbers.",
            unclear="A pay list came without the period it is for.",
            good="The pay list has tax numbers and was filed with the revenue office.",
            hit=0.75,
            alarm=0.1,
            silence=0.3,
        ),
        "verify_kyc": tell(
            bad="The company's filing is younger than its account.",
            unclear="The register shows the company, but no officers yet.",
            good="Company, officers and seat in {city} pass.",
            hit=0.45,
            alarm=0.18,
            silence=0.25,
            bad_facts=(),
        ),
        "contact_sender": tell(
            bad="Nobody at the number on file has heard of a pay run today.",
            unclear="The switchboard took a message.",
            good="The pay office confirmed the number of receivers and the total.",
            hit=0.7,
            alarm=0.05,
            silence=0.35,
        ),
    },
    hints=("inspect",),
)
