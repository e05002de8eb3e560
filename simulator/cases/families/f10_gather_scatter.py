"""10, gather-scatter: many pay a hub, which pays many others.

A payment institution's settlement account does nothing else all day. A hub that passes money on within
minutes, to receivers who sold nothing, is a laundry. Screening all receivers again opens name alerts that
must be closed before anything can be approved.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, tell
from simulator.cases.graph_shapes import GraphShape
from simulator.cases.losses import benign, illicit

_MINUTES: Final = GraphShape(
    "gather_scatter", spokes=(10, 18), amount=(600.0, 4200.0), dwell_minutes=(2, 25), shared_devices=(2, 5)
)
_HOURS: Final = GraphShape(
    "gather_scatter", spokes=(10, 18), amount=(600.0, 4200.0), dwell_minutes=(25, 600), shared_devices=(0, 2)
)
_DAYS: Final = GraphShape(
    "gather_scatter",
    spokes=(10, 18),
    amount=(600.0, 4200.0),
    dwell_minutes=(1440, 4320),
    shared_devices=(0, 0),
)

FAMILY: Final = Family(
    number="10",
    name="gather_scatter",
    title="Many pay a hub that pays many others",
    group="network",
    tier="hard",
    worlds=(
        World("laundry_hub", 0.24, is_illicit=True, losses=illicit(13500.0, "hold", "sar", 3600.0)),
        World("settlement_account", 0.5, is_illicit=False, losses=benign(6800.0)),
        World("instant_settlement", 0.26, is_illicit=False, losses=benign(6200.0)),
    ),
    surface=Surface(
        amount=18700.0,
        risk_score=0.79,
        ml_confidence=0.88,
        flags=("fan_in", "fan_out", "high_velocity"),
        memos=("Settlement T+1", "Payout file 118", "Net of fees"),
        sender="company",
        velocity_1h=17,
        velocity_24h=96,
        avg_transaction_amount=1900.0,
        account_age_days=390,
        velocity_jitter=8,
    ),
    questions={
        "inspect": (
            Finding(
                "Money rests for minutes; receivers get round sums that match no payment in.",
                {"laundry_hub": 0.86, "settlement_account": 0.02, "instant_settlement": 0.3},
                frozenset({"suspicion"}),
                _MINUTES,
            ),
            Finding(
                "Money rests for an hour or two; fees are kept on some payments.",
                {"laundry_hub": 0.11, "settlement_account": 0.12, "instant_settlement": 0.5},
                graph=_HOURS,
            ),
            Finding(
                "Money rests until the next working day; a fixed fee stays on each payment.",
                {"laundry_hub": 0.03, "settlement_account": 0.86, "instant_settlement": 0.2},
                graph=_DAYS,
            ),
        ),
        "request_docs": tell(
            bad="The settlement contracts name merchants that closed years ago.",
            unclear="A template of the contract came, not the signed ones.",
            good="Signed contracts and settlement file agree; birth dates clear each name alert.",
            hit=0.8,
            alarm=0.05,
            silence=0.2,
            good_facts=("match_discounted",),
        ),
        "verify_kyc": (
            Finding(
                "The licence number belongs to another firm.",
                {"illicit": 0.55, "benign": 0.03},
                frozenset({"suspicion"}),
            ),
            Finding(
                "The licence register was down; screening all receivers again gave a name alert, still open.",
                {"illicit": 0.35, "benign": 0.35},
                frozenset({"match_open"}),
            ),
            Finding(
                "Licence and owners of {sender} pass.",
                {"illicit": 0.1, "benign": 0.62},
            ),
        ),
        "contact_sender": tell(
            bad="{sender} could not explain which merchants today's payments are for.",
            unclear="{sender} asked for the question in writing.",
            good="{sender} read the day's totals from the settlement file.",
            hit=0.5,
            alarm=0.12,
            silence=0.35,
            bad_facts=(),
        ),
    },
    hints=("inspect", "request_docs"),
)
