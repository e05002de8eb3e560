"""15, authorised push payment scam: a "safe account", a first payee, a warning clicked away during a call.

A house deposit to a solicitor is as large, as new and as urgent. Whoever is coached gives the answers that
were dictated, so the call is worth most beside a check of the payee's name. Under the UK's rules a payment
may be held to the end of the fourth business day (Payment Services Regulations as amended in 2024).
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="15",
    name="app_scam",
    title="A first payment to a safe account, or a deposit to a solicitor",
    group="fraud",
    tier="medium",
    worlds=(
        World("safe_account", 0.34, is_illicit=True, losses=illicit(12000.0, "hold")),
        World("false_solicitor", 0.1, is_illicit=True, losses=illicit(13500.0, "hold")),
        World("house_deposit", 0.34, is_illicit=False, losses=benign(9800.0)),
        World("family_loan", 0.22, is_illicit=False, losses=benign(6500.0)),
    ),
    surface=Surface(
        amount=24500.0,
        currency="GBP",
        risk_score=0.33,
        flags=("first_payee", "warning_overridden", "call_in_progress"),
        memos=("Deposit 14 {city}", "Transfer between my accounts", "As agreed on the phone"),
        receiver="person",
        velocity_1h=1,
        velocity_24h=2,
        avg_transaction_amount=720.0,
        account_age_days=2240,
        velocity_jitter=1,
    ),
    questions={
        "inspect": tell(
            bad="A remote-control program was open while the payee was added.",
            unclear="The telephone was in a call while the payee was added.",
            good="The payee was added last week, and a trial payment of one unit came first.",
            hit=0.5,
            alarm=0.1,
            silence=0.45,
            bad_facts=("suspicion", "victim"),
        ),
        "request_docs": (
            Finding(
                "The completion letter has bank details that differ from the firm's own site.",
                {"safe_account": 0.1, "false_solicitor": 0.62, "benign": 0.02},
                frozenset({"suspicion", "victim"}),
            ),
            Finding(
                "{sender} has nothing in writing.",
                {"safe_account": 0.8, "false_solicitor": 0.05, "house_deposit": 0.06, "family_loan": 0.7},
            ),
            Finding(
                "A letter in proper form asks for the payment.",
                {"safe_account": 0.1, "false_solicitor": 0.33, "house_deposit": 0.92, "family_loan": 0.28},
            ),
        ),
        "verify_kyc": (
            Finding(
                "The payee's name does not belong to the account.",
                {"safe_account": 0.5, "false_solicitor": 0.72, "house_deposit": 0.09, "family_loan": 0.04},
                frozenset({"suspicion", "victim"}),
            ),
            Finding(
                "The payee's bank does not take part in name checks.",
                {"safe_account": 0.42, "false_solicitor": 0.22, "house_deposit": 0.26, "family_loan": 0.24},
            ),
            Finding(
                "The payee's name belongs to the account.",
                {"safe_account": 0.08, "false_solicitor": 0.06, "house_deposit": 0.65, "family_loan": 0.72},
            ),
        ),
        "contact_sender": (
            Finding(
                "Asked outside the script, {sender} said that the bank's own safety team had ordered it.",
                {"safe_account": 0.86, "false_solicitor": 0.1, "benign": 0.01},
                frozenset({"suspicion", "victim"}),
            ),
            Finding(
                "{sender} answered in whole sentences, with pauses, as if reading.",
                {"safe_account": 0.1, "false_solicitor": 0.2, "house_deposit": 0.12, "family_loan": 0.14},
            ),
            Finding(
                "{sender} told how {receiver} is known and that the details were rung through beforehand.",
                {"safe_account": 0.04, "false_solicitor": 0.7, "house_deposit": 0.87, "family_loan": 0.85},
            ),
        ),
    },
    hints=("contact_sender", "verify_kyc"),
    exempt_contact=True,
)
