"""40, synthetic identity: a number younger than its holder, a thin credit file, borrowed card history.

Somebody who got the number as an adult has the same thin file, so every sign on the first screen is as common
among newcomers, and nothing about a name is a sign. Only the authority that issues the numbers knows. Red
flags: Federal Reserve, synthetic identity papers, 2019; FinCEN, financial trend analysis, January 2024.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="40",
    name="synthetic_identity",
    title="A thin file and a young tax number: an invented person, or a newcomer",
    group="sanctions",
    tier="hard",
    worlds=(
        World("invented_person", 0.26, is_illicit=True, losses=illicit(5400.0, "reject", "sar", 1300.0)),
        World("childs_number", 0.12, is_illicit=True, losses=illicit(4900.0, "reject", "sar", 1200.0)),
        World("newcomer", 0.4, is_illicit=False, losses=benign(3300.0)),
        World("late_first_credit", 0.22, is_illicit=False, losses=benign(3000.0)),
    ),
    surface=Surface(
        amount=7900.0,
        risk_score=0.65,
        flags=("thin_file", "young_tax_number", "authorised_user_history", "new_account"),
        memos=("First instalment", "Car for work", "Card payment {receiver}"),
        ml_confidence=0.84,
        velocity_24h=3,
        avg_transaction_amount=620.0,
        account_age_days=140,
    ),
    questions={
        "inspect": tell(
            bad="The card history was lent by a holder who lends to nine strangers.",
            unclear="The card history is two months old.",
            good="The card history was lent by somebody at the same address.",
            hit=0.6,
            alarm=0.2,
            silence=0.45,
            bad_facts=(),
        ),
        "request_docs": tell(
            bad="The pay slips that came carry an employer's number that was never given out.",
            unclear="One pay slip came, from a job that began this month.",
            good="Pay slips, lease and a school or work permit came, and their issuers confirm them.",
            hit=0.6,
            alarm=0.05,
            silence=0.45,
        ),
        "verify_kyc": (
            Finding(
                "The issuing authority has no such person under this number.",
                {"invented_person": 0.92, "childs_number": 0.35, "benign": 0.01},
                frozenset({"suspicion"}),
            ),
            Finding(
                "The issuing authority confirms the number and asks for the date of birth in writing.",
                {"invented_person": 0.05, "childs_number": 0.6, "newcomer": 0.11, "late_first_credit": 0.08},
            ),
            Finding(
                "The issuing authority confirms number, name and birth date of {sender}, who is an adult.",
                {"invented_person": 0.03, "childs_number": 0.05, "newcomer": 0.88, "late_first_credit": 0.91},
            ),
        ),
        "contact_sender": silent("{sender} answered politely and offered to come to the branch in {city}."),
    },
    hints=("verify_kyc",),
)
