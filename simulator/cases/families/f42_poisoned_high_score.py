"""42, a score that is mostly far too high: a blacklist entry that nobody took out.

The payee's account number was given to another holder, or the entry was disputed and never closed. Sometimes
the entry is right, and the model, for want of data, is as unsure then. The entry's date tells most.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="42",
    name="poisoned_high_score",
    title="A very high score from a blacklist entry that may be stale",
    group="model",
    tier="hard",
    worlds=(
        World("entry_is_right", 0.24, is_illicit=True, losses=illicit(3300.0, "reject")),
        World("stale_entry", 0.46, is_illicit=False, losses=benign(1500.0)),
        World("reused_number", 0.3, is_illicit=False, losses=benign(1350.0)),
    ),
    surface=Surface(
        amount=2400.0,
        risk_score=0.97,
        flags=("blacklist_hit", "score_shift"),
        memos=("Rent", "Invoice 12", "For {receiver}"),
        ml_confidence=0.3,
        velocity_24h=2,
        avg_transaction_amount=2350.0,
        account_age_days=1580,
        counterparty_risk="blacklist",
        risk_jitter=0.012,
        velocity_jitter=1,
    ),
    questions={
        "inspect": (
            Finding(
                "The blacklist entry is nine days old and names three victims.",
                {"entry_is_right": 0.86, "stale_entry": 0.01, "reused_number": 0.08},
                frozenset({"suspicion"}),
            ),
            Finding(
                "The blacklist entry has no date and no author.",
                {"entry_is_right": 0.1, "stale_entry": 0.19, "reused_number": 0.3},
            ),
            Finding(
                "The blacklist entry was disputed four years ago, and the dispute was upheld.",
                {"entry_is_right": 0.04, "stale_entry": 0.8, "reused_number": 0.62},
            ),
        ),
        "request_docs": tell(
            bad="The contract that came names another account than the one to be paid.",
            unclear="A contract came that names no account.",
            good="The contract that came names the account to be paid.",
            hit=0.75,
            alarm=0.1,
            silence=0.35,
        ),
        "verify_kyc": tell(
            bad="{bank} confirms that the account's holder has not changed since the entry.",
            unclear="{bank} gave no date.",
            good="{bank} gave the account number to {receiver} after the entry was made.",
            hit=0.7,
            alarm=0.3,
            silence=0.3,
            bad_facts=(),
        ),
        "contact_sender": silent("{sender} is annoyed that the payment has not gone out."),
    },
    hints=("inspect",),
)
