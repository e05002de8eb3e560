"""44, nothing but life: wages, holidays, houses, gifts, tuition, taxes.

Every payment here is good, and each looks a little odd on the day. The family measures what caution costs: no
question is needed, and each answer that sounds odd is as common as odd days are.
"""

from typing import Final

from simulator.cases.family import Family, Surface, World, tell
from simulator.cases.losses import benign

FAMILY: Final = Family(
    number="44",
    name="pure_benign",
    title="Payroll spike, holiday, house completion, gifts, tuition, tax: all of it good",
    group="model",
    tier="easy",
    worlds=(
        World("payroll_spike", 0.16, is_illicit=False, losses=benign(900.0)),
        World("holiday_travel", 0.2, is_illicit=False, losses=benign(340.0)),
        World("house_completion", 0.12, is_illicit=False, losses=benign(2600.0)),
        World("festival_gifts", 0.2, is_illicit=False, losses=benign(300.0)),
        World("tuition_abroad", 0.18, is_illicit=False, losses=benign(1100.0)),
        World("tax_payment", 0.14, is_illicit=False, losses=benign(700.0)),
    ),
    surface=Surface(
        amount=4800.0,
        risk_score=0.58,
        flags=("unlike_earlier_payments", "first_payee", "high_velocity"),
        memos=("For {receiver}", "Thank you", "As every year"),
        ml_confidence=0.74,
        velocity_1h=3,
        velocity_24h=11,
        avg_transaction_amount=640.0,
        account_age_days=1720,
        country_risk="medium",
        amount_jitter=(0.4, 1.9),
        risk_jitter=0.08,
    ),
    questions={
        "inspect": tell(
            bad="No payment of this kind was made in the last twelve months.",
            unclear="A payment of this kind was made once, from another account.",
            good="A payment of this kind was made in the same week of last year.",
            alarm=0.25,
            silence=0.3,
            bad_facts=(),
        ),
        "request_docs": tell(
            bad="The paper that came is in a language that the desk does not read.",
            unclear="The paper is promised for after the holiday.",
            good="A bill, contract or notice of {receiver} came that names the sum.",
            alarm=0.08,
            silence=0.2,
            bad_facts=(),
        ),
        "verify_kyc": tell(
            bad="{sender} is abroad and could not show the document's back.",
            unclear="The provider gave no answer within the day.",
            good="Identity and address of {sender} pass.",
            alarm=0.06,
            silence=0.1,
            bad_facts=(),
        ),
        "contact_sender": tell(
            bad="{sender} was curt and asked why the bank wants to know.",
            unclear="{sender} could not be reached.",
            good="{sender} told what the payment is for.",
            alarm=0.15,
            silence=0.35,
            bad_facts=(),
        ),
    },
)
