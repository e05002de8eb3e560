"""41, a score that is far too low: somebody fed the model small payments until large ones looked small.

Model output is evidence, never authority. The log shows whether the velocities that the model read are those
of the ledger. A low score may also be right: a customer whom the model sees too rarely to be sure.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="41",
    name="poisoned_low_score",
    title="A very low score that the ledger may not bear out",
    group="model",
    tier="critical",
    worlds=(
        World("fed_model", 0.4, is_illicit=True, losses=illicit(6800.0, "hold", "sar", 1700.0)),
        World("altered_counter", 0.2, is_illicit=True, losses=illicit(7200.0, "hold", "sar", 1700.0)),
        World("rare_customer", 0.25, is_illicit=False, losses=benign(10900.0)),
        World("new_model", 0.15, is_illicit=False, losses=benign(10200.0)),
    ),
    surface=Surface(
        amount=16400.0,
        risk_score=0.08,
        flags=("score_shift", "first_payee"),
        memos=("Machine, second half", "Invoice 7741", "Transfer as agreed"),
        ml_confidence=0.3,
        velocity_1h=0,
        velocity_24h=1,
        avg_transaction_amount=14900.0,
        account_age_days=430,
        risk_jitter=0.02,
        velocity_jitter=1,
    ),
    questions={
        "inspect": (
            Finding(
                "The ledger has 41 payments in the last hour where the model was given none.",
                {"fed_model": 0.72, "altered_counter": 0.9, "benign": 0.02},
                frozenset({"suspicion"}),
            ),
            Finding(
                "The model's inputs drifted for three weeks, by small equal payments to one payee.",
                {"fed_model": 0.24, "altered_counter": 0.06, "rare_customer": 0.12, "new_model": 0.25},
            ),
            Finding(
                "The model's inputs are those of the ledger.",
                {"fed_model": 0.04, "altered_counter": 0.04, "rare_customer": 0.86, "new_model": 0.73},
            ),
        ),
        "request_docs": tell(
            bad="The invoice's number was used by {receiver} for another customer.",
            unclear="The invoice came without a date.",
            good="Invoice, order and delivery note came and agree.",
            hit=0.7,
            alarm=0.1,
            silence=0.35,
        ),
        "verify_kyc": silent("Identity and address of {sender} pass."),
        "contact_sender": tell(
            bad="{sender} could not name what was bought.",
            unclear="{sender} was travelling and will ring back.",
            good="{sender} described what was bought and where it stands.",
            hit=0.5,
            alarm=0.12,
            silence=0.4,
            bad_facts=(),
        ),
    },
    hints=("inspect",),
)
