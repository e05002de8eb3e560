"""38, a politically exposed person with a large sum: the office is no offence (FATF recommendation 12).

Explained wealth is approved after a senior signature, so `escalate` is right there; a kickback is
held and reported. The papers about the wealth decide, the flag on the person does not.
"""

from dataclasses import replace
from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.losses import Losses, illicit

_SIGNED: Final = Losses(approve=3600.0, reject=9400.0, flag=4100.0, hold=8800.0, escalate=0.0, lapse=3800.0)
"""Lawful, and not to be released without a senior signature."""
_KICKBACK: Final = replace(illicit(11600.0, "hold", "sar", 1300.0), escalate=10400.0)
"""Who signs for exposed persons signs most of what comes up, and the money is gone."""
_VIA_RELATIVE: Final = replace(illicit(10800.0, "hold", "sar", 1200.0), escalate=9700.0)

FAMILY: Final = Family(
    number="38",
    name="pep_wealth",
    title="A large sum of a politically exposed person",
    group="sanctions",
    tier="medium",
    worlds=(
        World("kickback", 0.32, is_illicit=True, losses=_KICKBACK),
        World("relatives_firm", 0.16, is_illicit=True, losses=_VIA_RELATIVE),
        World("sold_land", 0.3, is_illicit=False, losses=_SIGNED),
        World("inheritance", 0.22, is_illicit=False, losses=_SIGNED),
    ),
    surface=Surface(
        amount=74000.0,
        risk_score=0.67,
        flags=("exposed_person", "large_credit"),
        memos=("Sale of land", "Advisory fee", "Estate, second part"),
        sender="company",
        receiver="person",
        ml_confidence=0.69,
        velocity_24h=1,
        avg_transaction_amount=3900.0,
        account_age_days=1980,
        velocity_jitter=0,
    ),
    questions={
        "inspect": tell(
            bad="{sender} won a public contract a month ago.",
            unclear="{sender} is an escrow agent with many clients.",
            good="{sender} is a notary's escrow, and the land register shows a sale.",
            hit=0.65,
            alarm=0.15,
            silence=0.55,
            bad_facts=(),
        ),
        "request_docs": (
            Finding(
                "The declaration of assets does not name what is said to have been sold.",
                {"kickback": 0.88, "relatives_firm": 0.62, "benign": 0.03},
                frozenset({"suspicion"}),
            ),
            Finding(
                "The declaration of assets is public only from next month on.",
                {"kickback": 0.08, "relatives_firm": 0.28, "sold_land": 0.07, "inheritance": 0.2},
            ),
            Finding(
                "Declaration of assets, deed and tax receipt agree in date and sum.",
                {"kickback": 0.04, "relatives_firm": 0.1, "sold_land": 0.9, "inheritance": 0.77},
            ),
        ),
        "verify_kyc": silent("{receiver} holds the office that the file names; identity and address pass."),
        "contact_sender": tell(
            bad="{sender} could not name the service that the fee is for.",
            unclear="{sender} referred to a lawyer.",
            good="{sender} sent the file number of the sale within the hour.",
            hit=0.6,
            alarm=0.15,
            silence=0.4,
            bad_facts=(),
        ),
    },
    hints=("request_docs",),
)
