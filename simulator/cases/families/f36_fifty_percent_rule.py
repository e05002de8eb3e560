"""36, the 50 percent rule: a company with a clean name may belong to listed parties.

What listed parties own is added up: at 50 percent or more the company's property is blocked as if it
were on the list itself; at 49 it is not, but somebody senior looks at it first (OFAC, guidance of August
2014). The register and the chain of payments each show a part of the owners.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, tell
from simulator.cases.graph_shapes import GraphShape
from simulator.cases.losses import Losses, benign, illicit

_NEAR: Final = GraphShape(
    "pass_through", spokes=(3, 5), amount=(9000.0, 30000.0), dwell_minutes=(60, 900), hops_to_listed=(1, 2)
)
_FAR: Final = GraphShape(
    "pass_through", spokes=(3, 5), amount=(9000.0, 30000.0), dwell_minutes=(60, 2900), hops_to_listed=(3, 4)
)
_REVIEWED: Final = Losses(approve=4200.0, reject=6500.0, flag=3200.0, hold=5600.0, escalate=0.0, lapse=5200.0)
"""49 percent in all: lawful, but not without enhanced due diligence."""

FAMILY: Final = Family(
    number="36",
    name="fifty_percent_rule",
    title="A company whose owners may add up to half on the list",
    group="sanctions",
    tier="critical",
    worlds=(
        World("owned_by_one", 0.16, is_illicit=True, losses=illicit(13500.0, "block", "ofac", 2600.0)),
        World("owned_by_several", 0.14, is_illicit=True, losses=illicit(13000.0, "block", "ofac", 2400.0)),
        World("forty_nine", 0.26, is_illicit=False, losses=_REVIEWED),
        World("former_owner", 0.44, is_illicit=False, losses=benign(11200.0)),
    ),
    surface=Surface(
        amount=48000.0,
        risk_score=0.38,
        flags=("complex_ownership", "known_vendor"),
        memos=("Freight {city}", "Supply contract, lot 4", "Dividend"),
        sender="company",
        ml_confidence=0.88,
        velocity_24h=2,
        avg_transaction_amount=44000.0,
        account_age_days=1340,
        country_risk="medium",
        counterparty_risk="clean",
    ),
    questions={
        "inspect": (
            Finding(
                "Dividends of {receiver} reach a listed party in two payments.",
                {"owned_by_one": 0.82, "owned_by_several": 0.6, "forty_nine": 0.45, "former_owner": 0.03},
                frozenset({"suspicion"}),
                _NEAR,
            ),
            Finding(
                "Dividends of {receiver} end at a trustee.",
                {"owned_by_one": 0.13, "owned_by_several": 0.3, "forty_nine": 0.35, "former_owner": 0.22},
                graph=_FAR,
            ),
            Finding(
                "Dividends of {receiver} go to persons whom no list names, since the sale of last year.",
                {"owned_by_one": 0.05, "owned_by_several": 0.1, "forty_nine": 0.2, "former_owner": 0.75},
                graph=_FAR,
            ),
        ),
        "request_docs": (
            Finding(
                "The shareholders' agreement lets a listed party decide.",
                {"owned_by_one": 0.55, "owned_by_several": 0.4, "forty_nine": 0.2, "former_owner": 0.05},
                frozenset({"suspicion"}),
            ),
            Finding("The shareholders' agreement came without its annexes.", {"illicit": 0.4, "benign": 0.4}),
            Finding(
                "The shareholders' agreement names nobody who is listed.",
                {"owned_by_one": 0.05, "owned_by_several": 0.2, "forty_nine": 0.4, "former_owner": 0.55},
            ),
        ),
        "verify_kyc": (
            Finding(
                "Listed parties own half of {receiver} or more, added up along the chain.",
                {"owned_by_one": 0.93, "owned_by_several": 0.72, "forty_nine": 0.04, "former_owner": 0.01},
                frozenset({"suspicion", "blockable"}),
            ),
            Finding(
                "One listed party owns 49 percent of {receiver}; other holders are named by number only.",
                {"owned_by_one": 0.05, "owned_by_several": 0.25, "forty_nine": 0.88, "former_owner": 0.04},
            ),
            Finding(
                "No listed party owns a share of {receiver}; the last one sold a year ago.",
                {"owned_by_one": 0.02, "owned_by_several": 0.03, "forty_nine": 0.08, "former_owner": 0.95},
            ),
        ),
        "contact_sender": tell(
            bad="{sender} asked what answer would let the payment go.",
            unclear="{sender} knows {receiver} as a supplier only.",
            good="{sender} had screened the owners of {receiver} last year and sent the result.",
            hit=0.35,
            alarm=0.1,
            silence=0.55,
            bad_facts=(),
        ),
    },
    hints=("verify_kyc", "inspect"),
)
