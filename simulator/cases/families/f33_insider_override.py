"""33, insider override: an employee lifted a hold for one customer, after hours.

A duty officer who clears a backlog does the same at the same hour. The access log says who had a task to do.
An employee on file makes a report due at any amount (12 CFR 21.11(c)(1)), and the case goes outside the line:
`escalate` is to audit, never to the employee's own manager.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="33",
    name="insider_override",
    title="A hold that an employee lifted after hours",
    group="laundering",
    tier="critical",
    worlds=(
        World("bribed_employee", 0.2, is_illicit=True, losses=illicit(5400.0, "escalate", "sar", 1300.0)),
        World("borrowed_login", 0.1, is_illicit=True, losses=illicit(4900.0, "escalate", "sar", 1200.0)),
        World("duty_officer", 0.42, is_illicit=False, losses=benign(4100.0)),
        World("vip_service", 0.28, is_illicit=False, losses=benign(3700.0)),
    ),
    surface=Surface(
        amount=3900.0,
        risk_score=0.22,
        flags=("hold_lifted", "after_hours", "employee_override"),
        memos=("As arranged", "Payment {receiver}", "Reference 90-417"),
        ml_confidence=0.3,
        velocity_24h=2,
        avg_transaction_amount=3600.0,
        account_age_days=1660,
        counterparty_risk="clean",
        facts=frozenset({"insider"}),
    ),
    questions={
        "inspect": (
            Finding(
                "The access log has no ticket; the same employee lifted every hold of {sender} this year.",
                {"bribed_employee": 0.88, "borrowed_login": 0.45, "duty_officer": 0.01, "vip_service": 0.08},
                frozenset({"suspicion"}),
            ),
            Finding(
                "The access log has a ticket whose text is empty.",
                {"bribed_employee": 0.1, "borrowed_login": 0.5, "duty_officer": 0.13, "vip_service": 0.3},
            ),
            Finding(
                "The access log has a ticket, a second signature and forty other cases of the same shift.",
                {"bribed_employee": 0.02, "borrowed_login": 0.05, "duty_officer": 0.86, "vip_service": 0.62},
            ),
        ),
        "request_docs": silent("The release form is in the file, with one signature."),
        "verify_kyc": (
            Finding(
                "{sender} and the employee have the same address.",
                {"bribed_employee": 0.5, "borrowed_login": 0.08, "benign": 0.02},
                frozenset({"suspicion"}),
            ),
            Finding(
                "The employee was on leave that evening; the login came from another building.",
                {"bribed_employee": 0.03, "borrowed_login": 0.72, "benign": 0.02},
                frozenset({"suspicion"}),
            ),
            Finding(
                "No address, telephone or account links {sender} to the employee, who was on the rota.",
                {"bribed_employee": 0.47, "borrowed_login": 0.2, "benign": 0.96},
            ),
        ),
        "contact_sender": tell(
            bad="{sender} asked why the bank rings twice, since all was settled with somebody there.",
            unclear="{sender} did not know that there had been a hold.",
            good="{sender} had complained about the hold through the usual line.",
            hit=0.45,
            alarm=0.12,
            silence=0.5,
            bad_facts=(),
        ),
    },
    hints=("inspect", "verify_kyc"),
)
