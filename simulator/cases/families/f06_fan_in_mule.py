"""6, fan-in mule: many unrelated payers, a young account, money that leaves the same day.

A landlord's rents or a wedding collection look the same until somebody looks at the payers. Red flags:
FinCEN advisory FIN-2020-A003.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, tell
from simulator.cases.graph_shapes import GraphShape
from simulator.cases.losses import benign, illicit

_FAST: Final = GraphShape("fan_in", spokes=(8, 14), dwell_minutes=(15, 180), shared_devices=(2, 5))
_MIXED: Final = GraphShape("fan_in", spokes=(8, 14), dwell_minutes=(180, 720), shared_devices=(0, 2))
_SLOW: Final = GraphShape("fan_in", spokes=(8, 14), pass_through=(0.5, 0.9), dwell_minutes=(720, 4000))

FAMILY: Final = Family(
    number="6",
    name="fan_in_mule",
    title="Eight or more payers into a young account that empties within a day",
    group="network",
    tier="medium",
    worlds=(
        World("complicit_mule", 0.3, is_illicit=True, losses=illicit(2600.0, "hold", "sar", 900.0)),
        World("used_mule", 0.15, is_illicit=True, losses=illicit(1900.0, "hold", "sar", 600.0)),
        World("landlord", 0.3, is_illicit=False, losses=benign(1500.0)),
        World("collection", 0.25, is_illicit=False, losses=benign(1300.0)),
    ),
    surface=Surface(
        amount=6400.0,
        risk_score=0.71,
        flags=("fan_in", "new_account", "rapid_movement"),
        memos=("Rent and deposits", "From all of us", "Forwarding as agreed"),
        receiver="person",
        velocity_1h=4,
        velocity_24h=12,
        avg_transaction_amount=480.0,
        account_age_days=61,
    ),
    questions={
        "inspect": (
            Finding(
                "The payers share no employer, address or event, and several of them share devices.",
                {"complicit_mule": 0.75, "used_mule": 0.6, "benign": 0.08},
                frozenset({"suspicion"}),
                _FAST,
            ),
            Finding(
                "Some payers live near {city}, others nowhere near; money rests for hours.",
                {"illicit": 0.2, "used_mule": 0.3, "benign": 0.27},
                graph=_MIXED,
            ),
            Finding(
                "Amounts are alike, come in the same days each month, and part of the money stays.",
                {"complicit_mule": 0.05, "used_mule": 0.1, "benign": 0.65},
                graph=_SLOW,
            ),
        ),
        "request_docs": tell(
            bad="The tenancy agreement is a template; its address does not exist in {city}.",
            unclear="The paper that came is illegible in half of its pages.",
            good="Signed agreements name the payers, and the amounts agree.",
            hit=0.7,
            alarm=0.07,
            silence=0.25,
        ),
        "verify_kyc": tell(
            bad="The account was opened with a document that two other accounts use.",
            unclear="The provider gave no answer within the day.",
            good="Identity and address of {sender} pass; the register lists the property or the event.",
            hit=0.65,
            alarm=0.1,
            silence=0.2,
        ),
        "contact_sender": (
            Finding(
                "{sender} was told what to say, and keeps a tenth of what passes through.",
                {"complicit_mule": 0.1, "used_mule": 0.6, "benign": 0.02},
                frozenset({"suspicion"}),
            ),
            Finding(
                "{sender} gave short answers that fit the memo and nothing more.",
                {"complicit_mule": 0.7, "used_mule": 0.25, "benign": 0.3},
            ),
            Finding(
                "{sender} named each payer and why they paid, without looking anything up.",
                {"complicit_mule": 0.2, "used_mule": 0.15, "benign": 0.68},
            ),
        ),
    },
    hints=("inspect", "verify_kyc"),
    context="Third collection of the week into this account; the first two went out to {receiver} in a day.",
)
