"""8, round trip: money comes back to where it started within six payments, a little smaller each time.

A group's treasury sweep runs in the same circle. Neither the owners nor the papers decide alone: one owner
with a sweep agreement is a treasury, one owner without is a round trip; strangers who trade in a circle owe
no agreement, and strangers who produce one have bought it.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.graph_shapes import GraphShape
from simulator.cases.losses import benign, illicit

_LOOP: Final = GraphShape(
    "cycle", spokes=(3, 6), amount=(8200.0, 8800.0), pass_through=(0.95, 0.99), dwell_minutes=(60, 900)
)

FAMILY: Final = Family(
    number="8",
    name="cycle_round_trip",
    title="A loop of at most six payments that ends where it began",
    group="network",
    tier="hard",
    worlds=(
        World("round_trip", 0.21, is_illicit=True, losses=illicit(9000.0, "hold", "sar", 800.0)),
        World("rented_loop", 0.19, is_illicit=True, losses=illicit(8200.0, "hold", "sar", 750.0)),
        World("treasury_sweep", 0.31, is_illicit=False, losses=benign(7000.0)),
        World("trading_circle", 0.29, is_illicit=False, losses=benign(6600.0)),
    ),
    surface=Surface(
        amount=8600.0,
        currency="EUR",
        risk_score=0.69,
        flags=("cycle", "round_amount", "rapid_movement"),
        memos=("Intercompany", "Current account {city}", "As per agreement"),
        transaction_type="internal",
        sender="company",
        velocity_1h=2,
        velocity_24h=6,
        avg_transaction_amount=8300.0,
        account_age_days=1130,
    ),
    questions={
        "inspect": (
            Finding(
                "The register names one beneficial owner at both ends of the loop.",
                {"round_trip": 0.92, "rented_loop": 0.03, "treasury_sweep": 0.93, "trading_circle": 0.03},
                graph=_LOOP,
            ),
            Finding(
                "Owners along the loop could not be traced beyond a nominee.",
                {"illicit": 0.05, "benign": 0.05},
                frozenset({"suspicion"}),
                _LOOP,
            ),
            Finding(
                "No owner, officer or address is shared along the loop.",
                {"round_trip": 0.03, "rented_loop": 0.92, "treasury_sweep": 0.02, "trading_circle": 0.92},
                frozenset({"suspicion"}),
                _LOOP,
            ),
        ),
        "request_docs": (
            Finding(
                "A cash pooling agreement came that names each account of the loop.",
                {"round_trip": 0.04, "rented_loop": 0.89, "treasury_sweep": 0.9, "trading_circle": 0.03},
            ),
            Finding(
                "Board minutes came that mention lending, without accounts or sums.",
                {"illicit": 0.08, "benign": 0.08},
            ),
            Finding(
                "There is no agreement; each payment was ordered alone.",
                {"round_trip": 0.88, "rented_loop": 0.03, "treasury_sweep": 0.02, "trading_circle": 0.89},
                frozenset({"suspicion"}),
            ),
        ),
        "verify_kyc": tell(
            bad="Two of the companies have no staff and no telephone of their own.",
            unclear="Accounts for the last year have not been filed yet.",
            good="The companies file accounts and employ people in {city}.",
            hit=0.5,
            alarm=0.26,
            silence=0.2,
            bad_facts=(),
        ),
        "contact_sender": silent("{sender} said that the payment is ordinary business with {receiver}."),
    },
    hints=("inspect", "request_docs"),
)
