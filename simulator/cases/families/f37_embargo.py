"""37, an embargoed country without a listed party: the payment is rejected, not blocked.

Nobody's property is frozen, so the money goes back, with a report within ten business days (31 CFR 501.604;
OFAC FAQ 36). A licence or a humanitarian exception makes the same payment lawful, and only papers show it.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="37",
    name="embargo",
    title="An embargoed country, clean parties, with or without a licence",
    group="sanctions",
    tier="hard",
    worlds=(
        World("no_licence", 0.34, is_illicit=True, losses=illicit(6600.0, "reject", "ofac", 1300.0)),
        World("lapsed_licence", 0.12, is_illicit=True, losses=illicit(6100.0, "reject", "ofac", 1200.0)),
        World("licensed", 0.26, is_illicit=False, losses=benign(5400.0)),
        World("humanitarian", 0.28, is_illicit=False, losses=benign(6200.0)),
    ),
    surface=Surface(
        amount=9300.0,
        risk_score=0.84,
        flags=("embargoed_country", "first_payee"),
        memos=("Medical supplies", "Spare parts", "Contract 5-118"),
        sender="company",
        velocity_24h=1,
        avg_transaction_amount=6100.0,
        account_age_days=1120,
        country_risk="sanctioned",
        counterparty_risk="clean",
        velocity_jitter=0,
    ),
    questions={
        "inspect": tell(
            bad="An earlier payment along this route was rejected for want of a licence.",
            unclear="{sender} has made no other payment along this route.",
            good="Earlier payments along this route carried a licence number.",
            hit=0.6,
            alarm=0.12,
            silence=0.6,
            bad_facts=(),
        ),
        "request_docs": (
            Finding(
                "No licence came; the goods are machine parts that no exception names.",
                {"no_licence": 0.9, "lapsed_licence": 0.2, "benign": 0.02},
                frozenset({"suspicion"}),
            ),
            Finding(
                "A licence came whose last page, with the date, is missing.",
                {"no_licence": 0.06, "lapsed_licence": 0.72, "licensed": 0.14, "humanitarian": 0.05},
            ),
            Finding(
                "A licence in force, or a list of medicines that the exception names, came.",
                {"no_licence": 0.04, "lapsed_licence": 0.08, "licensed": 0.84, "humanitarian": 0.93},
            ),
        ),
        "verify_kyc": silent("Neither {sender} nor {receiver} nor an owner of theirs is on any list."),
        "contact_sender": tell(
            bad="{sender} had not known that a licence is needed.",
            unclear="{sender} will ask the export desk.",
            good="{sender} named the licence's number and its last day.",
            hit=0.7,
            alarm=0.15,
            silence=0.3,
            bad_facts=(),
        ),
    },
    hints=("request_docs",),
)
