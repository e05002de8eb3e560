"""39, KYC expired: nothing is wrong but the date on a document. Approving before a refresh breaches G9."""

from typing import Final

from simulator.cases.family import Family, Surface, World, silent, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="39",
    name="kyc_expired",
    title="Identity documents expired; a fresh check passes, or fails twice",
    group="sanctions",
    tier="easy",
    worlds=(
        World("impostor", 0.4, is_illicit=True, losses=illicit(1500.0, "hold")),
        World("forgetful_customer", 0.6, is_illicit=False, losses=benign(1000.0)),
    ),
    surface=Surface(
        amount=4200.0,
        risk_score=0.41,
        flags=("kyc_expired",),
        memos=("Invoice, thank you", "Monthly payment", "Deposit for {receiver}"),
        transaction_type="payment",
        kyc_status="expired",
        kyc_expiry_days=-23,
        avg_transaction_amount=3900.0,
        counterparty_risk="clean",
    ),
    questions={
        "inspect": tell(
            bad="{sender} has signed in from a device that the account never used before last week.",
            unclear="Devices could not be matched: the account uses a shared office connection.",
            good="{sender} has used the same two devices and payees for over a year.",
            hit=0.6,
            alarm=0.2,
            silence=0.3,
            bad_facts=(),
        ),
        "request_docs": silent("The invoice names {receiver} and the amount of {amount} {currency}."),
        "verify_kyc": tell(
            bad="The new document failed twice: its chip does not carry the name of {sender}.",
            unclear="The picture was too dark to read; a second attempt is possible in person only.",
            good="A new document was read and matches {sender}; liveness passed.",
            hit=0.95,
            alarm=0.03,
            silence=0.05,
            bad_facts=("suspicion",),
            good_facts=("kyc_passed",),
        ),
        "contact_sender": tell(
            bad="Whoever answered could not say when the account was opened.",
            unclear="Nobody answered; a message was left with {bank}.",
            good="{sender} apologised, knew the account's history and offered to come in.",
            hit=0.6,
            alarm=0.1,
            silence=0.35,
            bad_facts=(),
        ),
    },
    hints=("verify_kyc",),
)
