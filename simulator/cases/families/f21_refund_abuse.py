"""21, refund abuse: more back than was paid, or to another card.

Sale and receipt decide only together. No sale on the card and one means of payment on the receipt: invented;
no sale on the card but two on the receipt: the other card's turn. A sale on the card and two on the receipt:
a voucher is being turned into money; a sale on the card and one on the receipt: a plain return.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="21",
    name="refund_abuse",
    title="A refund to a card that may never have paid",
    group="fraud",
    tier="medium",
    worlds=(
        World("serial_refunder", 0.22, is_illicit=True, losses=illicit(900.0, "reject")),
        World("voucher_to_cash", 0.22, is_illicit=True, losses=illicit(860.0, "reject")),
        World("split_tender", 0.28, is_illicit=False, losses=benign(820.0)),
        World("plain_return", 0.28, is_illicit=False, losses=benign(780.0)),
    ),
    surface=Surface(
        amount=640.0,
        risk_score=0.46,
        flags=("refund", "high_refund_rate"),
        memos=("Return", "Refund of order", "Goods back, {city}"),
        transaction_type="refund",
        sender="company",
        receiver="person",
        velocity_24h=3,
        avg_transaction_amount=210.0,
        account_age_days=640,
        counterparty_risk="clean",
        velocity_jitter=2,
    ),
    questions={
        "inspect": (
            Finding(
                "No sale to the card that is to be refunded.",
                {
                    "serial_refunder": 0.95,
                    "voucher_to_cash": 0.03,
                    "split_tender": 0.94,
                    "plain_return": 0.03,
                },
            ),
            Finding(
                "The sale is older than the records that are at hand.", {"illicit": 0.03, "benign": 0.03}
            ),
            Finding(
                "A sale to the card that is to be refunded.",
                {
                    "serial_refunder": 0.02,
                    "voucher_to_cash": 0.94,
                    "split_tender": 0.03,
                    "plain_return": 0.94,
                },
            ),
        ),
        "request_docs": (
            Finding(
                "The receipt shows two means of payment.",
                {
                    "serial_refunder": 0.03,
                    "voucher_to_cash": 0.93,
                    "split_tender": 0.94,
                    "plain_return": 0.02,
                },
            ),
            Finding("The receipt is torn above the total.", {"illicit": 0.04, "benign": 0.04}),
            Finding(
                "The receipt shows one means of payment.",
                {
                    "serial_refunder": 0.93,
                    "voucher_to_cash": 0.03,
                    "split_tender": 0.02,
                    "plain_return": 0.94,
                },
            ),
        ),
        "verify_kyc": silent("{receiver} is a customer of {sender} with a confirmed address in {city}."),
        "contact_sender": tell(
            bad="The shop has seen {receiver} return goods under two names.",
            unclear="The shop's manager was not in.",
            good="The shop remembers the sale and the return.",
            hit=0.6,
            alarm=0.2,
            silence=0.4,
            bad_facts=(),
        ),
    },
    hints=("inspect", "request_docs"),
)
