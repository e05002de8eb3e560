"""11, layering through shells: three layers of companies, no visible purpose.

A supply-chain finance programme and a group of operating firms look the same. Owners and trade decide only
together: a closed circle under one director is a set of shells, under independent directors it is a
programme with trustees; firms with customers of their own under one director are a group, and strangers with
customers of their own who pass money on have rented their accounts out.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.graph_shapes import GraphShape
from simulator.cases.losses import benign, illicit

_CLOSED: Final = GraphShape(
    "layers", spokes=(3, 5), amount=(9000.0, 16000.0), pass_through=(0.96, 0.995), dwell_minutes=(200, 1500)
)
_OPEN: Final = GraphShape(
    "layers", spokes=(3, 5), amount=(9000.0, 16000.0), pass_through=(0.6, 0.95), dwell_minutes=(200, 3000)
)

FAMILY: Final = Family(
    number="11",
    name="layered_shells",
    title="Three layers of companies between payer and payee",
    group="network",
    tier="critical",
    worlds=(
        World("shell_ladder", 0.17, is_illicit=True, losses=illicit(15000.0, "escalate", "sar", 1000.0)),
        World("rented_firms", 0.16, is_illicit=True, losses=illicit(13000.0, "escalate", "sar", 900.0)),
        World("finance_programme", 0.34, is_illicit=False, losses=benign(11000.0)),
        World("group_of_firms", 0.33, is_illicit=False, losses=benign(10500.0)),
    ),
    surface=Surface(
        amount=41000.0,
        risk_score=0.64,
        flags=("layers", "complex_ownership", "rapid_movement"),
        memos=("Receivables purchase", "Programme note 7", "Invoice pool {city}"),
        sender="company",
        velocity_1h=2,
        velocity_24h=9,
        avg_transaction_amount=36000.0,
        account_age_days=470,
        country_risk="medium",
    ),
    questions={
        "inspect": (
            Finding(
                "The firms of the second layer pay and are paid by this ladder alone.",
                {
                    "shell_ladder": 0.93,
                    "rented_firms": 0.03,
                    "finance_programme": 0.93,
                    "group_of_firms": 0.03,
                },
                frozenset({"suspicion"}),
                _CLOSED,
            ),
            Finding(
                "Accounts of the second layer are at other banks, which have not answered.",
                {"illicit": 0.05, "benign": 0.05},
            ),
            Finding(
                "The firms of the second layer also have wages, rents and customers of their own.",
                {
                    "shell_ladder": 0.02,
                    "rented_firms": 0.92,
                    "finance_programme": 0.02,
                    "group_of_firms": 0.92,
                },
                graph=_OPEN,
            ),
        ),
        "request_docs": tell(
            bad="The programme agreement refers to annexes that do not exist.",
            unclear="A term sheet came; the agreement is with counsel.",
            good="Agreement, invoices and payment dates agree.",
            hit=0.42,
            alarm=0.16,
            silence=0.35,
            bad_facts=(),
        ),
        "verify_kyc": (
            Finding(
                "One director signs for every firm of the second layer.",
                {
                    "shell_ladder": 0.93,
                    "rented_firms": 0.03,
                    "finance_programme": 0.03,
                    "group_of_firms": 0.92,
                },
            ),
            Finding(
                "Two registers do not name directors to outsiders.",
                {"illicit": 0.04, "benign": 0.04},
            ),
            Finding(
                "The firms of the second layer have no director or owner in common.",
                {
                    "shell_ladder": 0.03,
                    "rented_firms": 0.93,
                    "finance_programme": 0.93,
                    "group_of_firms": 0.04,
                },
                frozenset({"suspicion"}),
            ),
        ),
        "contact_sender": silent("{sender} sent a friendly paragraph about working capital and {receiver}."),
    },
    hints=("inspect", "verify_kyc"),
)
