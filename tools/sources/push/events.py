"""Events of payment providers as payments under our names; only documented fields are read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

Payment = dict[str, Any]
"""A payment as in `POST /v1/payments`."""

_STRIPE_OUTCOMES: Final = {
    "charge.succeeded": "success",
    "charge.failed": "failed",
    "charge.pending": "pending",
}
_HYPERSWITCH_OUTCOMES: Final = {
    "payment_succeeded": "success",
    "payment_authorized": "success",
    "payment_captured": "success",
    "payment_failed": "failed",
    "payment_cancelled": "failed",
    "payment_processing": "pending",
}


def of_stripe(event: Mapping[str, Any]) -> Iterator[Payment]:
    """Read a charge that ended or is pending, or a payment intent that failed before there was a charge.

    https://docs.stripe.com/api/charges/object, https://docs.stripe.com/api/errors
    """
    kind, charge = event.get("type"), _at(event, "data", "object")
    if kind in _STRIPE_OUTCOMES:
        card = _at(charge, "payment_method_details", "card")
        yield {
            "ts": charge.get("created"),
            "payment_id": charge.get("id"),
            "psp": "stripe",
            "method": _at(charge, "payment_method_details").get("type"),
            "network": card.get("network") or card.get("brand"),
            "issuer": card.get("issuer"),
            "country": card.get("country"),
            "amount": charge.get("amount"),
            "currency": charge.get("currency"),
            "outcome": _STRIPE_OUTCOMES[kind],
            "code": _first(_at(charge, "outcome"), "network_decline_code", "reason")
            or charge.get("failure_code"),
        }
    error = _at(charge, "last_payment_error")
    if kind == "payment_intent.payment_failed" and not error.get("charge"):
        card = _at(error, "payment_method", "card")
        yield {
            "ts": event.get("created"),
            "payment_id": event.get("id"),
            "psp": "stripe",
            "method": _at(error, "payment_method").get("type"),
            "network": card.get("brand"),
            "country": card.get("country"),
            "amount": charge.get("amount"),
            "currency": charge.get("currency"),
            "outcome": "failed",
            "code": _first(error, "network_decline_code", "decline_code", "code"),
        }


def of_adyen(item: Mapping[str, Any]) -> Iterator[Payment]:
    """Read the result of an authorisation.

    https://docs.adyen.com/development-resources/webhooks/webhook-types
    """
    if item.get("eventCode") != "AUTHORISATION":
        return
    additional, amount = _at(item, "additionalData"), _at(item, "amount")
    is_card = "cardBin" in additional or "cardSummary" in additional
    raw = str(additional.get("refusalReasonRaw") or "").partition(":")[0].strip()
    yield {
        "ts": item.get("eventDate"),
        "payment_id": item.get("pspReference"),
        "merchant": item.get("merchantAccountCode"),
        "psp": "adyen",
        "method": "card" if is_card else item.get("paymentMethod"),
        "network": item.get("paymentMethod") if is_card else None,
        "country": additional.get("issuerCountry"),
        "issuer": additional.get("cardIssuingBank"),
        "amount": amount.get("value"),
        "currency": amount.get("currency"),
        "outcome": "success" if str(item.get("success")).lower() == "true" else "failed",
        "code": raw or item.get("reason"),
    }


def of_hyperswitch(event: Mapping[str, Any]) -> Iterator[Payment]:
    """Read how a payment stands; each attempt of it counts once.

    https://docs.hyperswitch.io (outgoing webhooks), `OutgoingWebhook` and `PaymentsResponse`
    """
    outcome, payment = (
        _HYPERSWITCH_OUTCOMES.get(str(event.get("event_type"))),
        _at(event, "content", "object"),
    )
    if outcome is None:
        return
    card = _at(payment, "payment_method_data", "card")
    yield {
        "ts": event.get("timestamp"),
        "payment_id": payment.get("payment_id"),
        "attempt_no": payment.get("attempt_count"),
        "merchant": payment.get("merchant_id"),
        "psp": payment.get("connector"),
        "method": payment.get("payment_method_type") or payment.get("payment_method"),
        "network": card.get("card_network"),
        "issuer": card.get("card_issuer"),
        "country": card.get("card_issuing_country"),
        "amount": payment.get("amount"),
        "currency": payment.get("currency"),
        "outcome": outcome,
        "code": payment.get("error_code"),
    }


def adyen_items(notification: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Give the items of a notification; none where it has another form."""
    items = notification.get("notificationItems")
    found = (
        [one.get("NotificationRequestItem") for one in items if isinstance(one, dict)]
        if isinstance(items, list)
        else []
    )
    return [item for item in found if isinstance(item, dict)]


def _at(found: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """Give the object at a path; an empty one where there is none."""
    for name in path:
        inner = found.get(name)
        found = inner if isinstance(inner, dict) else {}
    return found


def _first(found: Mapping[str, Any], *names: str) -> object:
    return next((found[name] for name in names if found.get(name)), None)
