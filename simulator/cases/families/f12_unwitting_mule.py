"""12, unwitting mule: a student, a new employer, and the wish to pass nine tenths of it on.

A real first salary arrives at the same kind of account. Asking is right here: nobody suspects the student of
anything yet, and whoever was recruited usually shows the message. Red flags: FinCEN advisory FIN-2020-A003.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="12",
    name="unwitting_mule",
    title="A student's first pay, part of which is to be passed on",
    group="network",
    tier="medium",
    worlds=(
        World("job_mule", 0.24, is_illicit=True, losses=illicit(1900.0, "reject", "sar", 450.0)),
        World("romance_mule", 0.12, is_illicit=True, losses=illicit(2300.0, "reject", "sar", 500.0)),
        World("first_salary", 0.44, is_illicit=False, losses=benign(1000.0)),
        World("shared_flat_rent", 0.2, is_illicit=False, losses=benign(850.0)),
    ),
    surface=Surface(
        amount=1850.0,
        risk_score=0.44,
        flags=("new_account", "first_payee", "rapid_movement"),
        memos=("Commission transfer", "My share for the flat", "To {receiver} as discussed"),
        receiver="person",
        velocity_24h=2,
        avg_transaction_amount=95.0,
        account_age_days=54,
        velocity_jitter=1,
    ),
    questions={
        "inspect": tell(
            bad="Nine tenths of a credit from an unknown firm is to leave within two hours.",
            unclear="The credit is two days old; part of it was spent on groceries.",
            good="The credit carries a payroll code, and the receiver was paid from here before.",
            hit=0.55,
            alarm=0.25,
            silence=0.3,
            bad_facts=(),
        ),
        "request_docs": (
            Finding(
                "The employment contract has no address, and its firm is not in the register.",
                {"job_mule": 0.6, "romance_mule": 0.1, "benign": 0.04},
                frozenset({"suspicion"}),
            ),
            Finding(
                "No document came within the day.",
                {"job_mule": 0.3, "romance_mule": 0.8, "first_salary": 0.3, "shared_flat_rent": 0.45},
            ),
            Finding(
                "Pay slip or lease, and a letter with the present address of {sender}.",
                {"job_mule": 0.1, "romance_mule": 0.1, "first_salary": 0.66, "shared_flat_rent": 0.51},
                frozenset({"kyc_passed"}),
            ),
        ),
        "verify_kyc": (
            Finding(
                "{sender} moved into a dormitory: the address on file has lapsed and must be proved anew.",
                {"illicit": 0.35, "benign": 0.35},
                frozenset({"kyc_lapsed"}),
            ),
            Finding("Identity and address of {sender} pass.", {"illicit": 0.65, "benign": 0.65}),
        ),
        "contact_sender": (
            Finding(
                "{sender} read out a message: keep a tenth, send the rest on, tell nobody.",
                {"job_mule": 0.86, "romance_mule": 0.55, "benign": 0.01},
                frozenset({"suspicion", "victim"}),
            ),
            Finding(
                "{sender} hesitated and said that it was private.",
                {"job_mule": 0.09, "romance_mule": 0.4, "benign": 0.14},
            ),
            Finding(
                "{sender} named the employer, the shift plan and whom the transfer is for.",
                {"job_mule": 0.05, "romance_mule": 0.05, "benign": 0.85},
            ),
        ),
    },
    hints=("contact_sender",),
)
