"""23, payroll diversion: an employee's wage account changed two days before payday.

An employee who changed bank in the portal, with a second factor, leaves the same trace. One call to the
employee, on the number from the day of hiring, settles it; the employee would be the victim, so the call is
right. Red flags: FinCEN advisory FIN-2019-A005.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="23",
    name="payroll_diversion",
    title="Wages to an account that was changed two days before payday",
    group="fraud",
    tier="medium",
    worlds=(
        World("phished_portal", 0.26, is_illicit=True, losses=illicit(3300.0, "reject")),
        World("forged_email", 0.12, is_illicit=True, losses=illicit(3000.0, "reject")),
        World("changed_bank", 0.42, is_illicit=False, losses=benign(1700.0)),
        World("joint_account", 0.2, is_illicit=False, losses=benign(1500.0)),
    ),
    surface=Surface(
        amount=3150.0,
        risk_score=0.48,
        flags=("new_bank_details", "payroll", "first_payee"),
        memos=("Wages", "Salary {receiver}", "Payroll run, second half"),
        transaction_type="payment",
        sender="company",
        receiver="person",
        ml_confidence=0.76,
        velocity_1h=6,
        velocity_24h=48,
        avg_transaction_amount=3080.0,
        account_age_days=1910,
    ),
    questions={
        "inspect": tell(
            bad="The change came through a session without a second factor.",
            unclear="The change was keyed in by a clerk from a request that was not kept.",
            good="The change was confirmed with a second factor on the employee's usual telephone.",
            hit=0.6,
            alarm=0.2,
            silence=0.45,
            bad_facts=(),
        ),
        "request_docs": silent("A form came that names {receiver} and the new account; it bears initials."),
        "verify_kyc": tell(
            bad="The new account at {bank} was opened online last week.",
            unclear="{bank} confirms that the account exists, and nothing else.",
            good="The new account at {bank} has been in the name of {receiver} for years.",
            hit=0.65,
            alarm=0.25,
            silence=0.5,
            bad_facts=(),
        ),
        "contact_sender": (
            Finding(
                "Rung on the number from the contract, {receiver} had changed nothing.",
                {"illicit": 0.88, "benign": 0.005},
                frozenset({"suspicion", "victim"}),
            ),
            Finding(
                "{receiver} is on leave, and payday is the day after tomorrow.",
                {"illicit": 0.1, "benign": 0.1},
            ),
            Finding(
                "{receiver} read out the last digits of the new account before being asked.",
                {"illicit": 0.02, "benign": 0.895},
            ),
        ),
    },
    hints=("contact_sender",),
    exempt_contact=True,
)
