"""One clear case of each cause in the small world."""

from datetime import timedelta

from payments.maintenance import Maintenance
from payments.segment import Segment
from tests.agents.analyst.world import SINCE, Fault

ALL = Segment({})
ALPHA, BANK, LINK = (
    Segment.of(psp="alpha"),
    Segment.of(issuer="bank_2"),
    Segment.of(issuer="bank_1", psp="alpha"),
)
SHOP, SHOP_VISA = Segment.of(merchant="shop_1"), Segment.of(merchant="shop_0", network="visa")
MOVED, BR_CARDS = Segment.of(merchant="shop_0", psp="gamma"), Segment.of(country="BR", method="card")

CASES: dict[str, Fault] = {
    "issuer_outage": Fault(BANK, 0.85, {"91": 0.62, "timeout": 0.25, "96": 0.13}, slow=0.85),
    "psp_outage": Fault(ALPHA, 0.9, {"timeout": 0.4, "http_5xx": 0.35, "96": 0.25}, slow=0.9),
    "psp_issuer_link": Fault(LINK, 0.88, {"91": 0.5, "92": 0.3, "31": 0.2}),
    "card_network_outage": Fault(
        Segment.of(network="visa"), 0.8, {"91": 0.35, "96": 0.4, "timeout": 0.25}, slow=0.8
    ),
    "retry_storm": Fault(
        SHOP, 0.4, {"94": 0.5, "65": 0.3, "91": 0.1, "96": 0.1}, attempts=3.0, repeats=0.66, slow=0.5
    ),
    "routing_misconfig": Fault(
        MOVED, 0.92, {"03": 0.5, "58": 0.3, "12": 0.2}, attempts=3.0, fast=0.9, slow=0.0
    ),
    "user_mix": Fault(ALL, 0.08, {"51": 0.6, "54": 0.4}),
    "card_testing": Fault(
        SHOP_VISA, 0.8, {"14": 0.4, "N7": 0.2, "82": 0.1, "05": 0.2, "59": 0.1}, attempts=5.0
    ),
    "acs_outage": Fault(BR_CARDS, 0.8, {"3ds_acs_error": 0.75, "402": 0.25}, slow=0.8),
    "expired_cert": Fault(Segment.of(psp="beta"), 1.0, {"tls_error": 1.0}, fast=1.0, slow=0.0),
    "settlement_cutover": Fault(Segment.of(issuer="bank_3"), 0.75, {"XT": 0.5, "XU": 0.5}),
    "planned_maintenance": Fault(
        Segment.of(psp="gamma"), 0.97, {"http_5xx": 0.8, "96": 0.2}, fast=0.9, slow=0.0
    ),
    "holiday_surge": Fault(ALL, attempts=1.6),
    "code_mix_drift": Fault(ALL, renamed={"05": "5C"}),
    "webhook_lag": Fault(ALPHA, pending=0.85),
    "fraud_rule_push": Fault(ALPHA, 0.35, {"59": 0.7, "63": 0.3}),
    "method_outage": Fault(Segment.of(method="wallet"), 0.85, {"http_5xx": 0.6, "timeout": 0.4}, slow=0.8),
    "psp_brownout": Fault(ALPHA, slow=0.5),
    "noise": Fault(ALL),
}


def on_calendar(cause: str) -> tuple[Maintenance, ...]:
    """Give what the calendar says of a case."""
    if cause not in {"planned_maintenance", "settlement_cutover"}:
        return ()
    start, end = SINCE - timedelta(minutes=2), SINCE + timedelta(hours=1)
    return (Maintenance(segment=CASES[cause].segment, start=start, end=end, note="announced"),)
