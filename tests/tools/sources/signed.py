"""Events as their senders sign them."""

import base64
import hmac
import json
from copy import deepcopy
from datetime import datetime
from typing import Any

STRIPE_KEY, HYPERSWITCH_KEY = "whsec_of_the_test", "hash_key_of_the_test"
ADYEN_KEY = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"


def stripe_charge(at: datetime, charge: str = "ch_1", kind: str = "charge.failed") -> dict[str, Any]:
    return {
        "id": f"evt_{charge}",
        "type": kind,
        "created": int(at.timestamp()),
        "data": {
            "object": {
                "id": charge,
                "object": "charge",
                "created": int(at.timestamp()),
                "amount": 1_999,
                "currency": "usd",
                "failure_code": "card_declined",
                "outcome": {"network_status": "declined_by_network", "reason": "insufficient_funds"},
                "payment_method_details": {"type": "card", "card": {"brand": "visa", "country": "US"}},
            }
        },
    }


def stripe_headers(body: bytes, at: datetime, key: str = STRIPE_KEY) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    signature = hmac.new(key.encode(), f"{timestamp}.".encode() + body, "sha256").hexdigest()
    return {"Stripe-Signature": f"t={timestamp},v1={'0' * 64},v1={signature},v0=ignored"}


def adyen_notification(at: datetime, reference: str = "8515", key: str = ADYEN_KEY) -> dict[str, Any]:
    item: dict[str, Any] = {
        "eventCode": "AUTHORISATION",
        "success": "false",
        "eventDate": at.isoformat(),
        "merchantAccountCode": "Shop",
        "pspReference": reference,
        "merchantReference": "order:7",
        "amount": {"currency": "EUR", "value": 1_000},
        "paymentMethod": "visa",
        "reason": "Refused",
        "additionalData": {
            "refusalReasonRaw": "05 : Do not honor", "cardBin": "411111", "issuerCountry": "NL",
        },
    }  # fmt: skip
    fields = (reference, "", "Shop", "order:7", "1000", "EUR", "AUTHORISATION", "false")
    digest = hmac.new(bytes.fromhex(key), ":".join(fields).encode(), "sha256").digest()
    item["additionalData"]["hmacSignature"] = base64.b64encode(digest).decode()
    return {"live": "false", "notificationItems": [{"NotificationRequestItem": item}]}


def changed(notification: dict[str, Any], **fields: object) -> dict[str, Any]:
    """Give a notification that somebody changed after it was signed."""
    other = deepcopy(notification)
    other["notificationItems"][0]["NotificationRequestItem"].update(fields)
    return other


def hyperswitch_event(at: datetime, payment: str = "pay_1", kind: str = "payment_failed") -> dict[str, Any]:
    return {
        "merchant_id": "shop",
        "event_id": f"evt_{payment}_{kind}",
        "event_type": kind,
        "timestamp": at.isoformat(),
        "content": {
            "type": "payment_details",
            "object": {
                "payment_id": payment, "attempt_count": 2, "merchant_id": "shop", "connector": "stripe",
                "payment_method": "card", "amount": 6_540, "currency": "USD", "error_code": "51",
                "payment_method_data": {"card": {"card_network": "Visa", "card_issuer": "ELM BANK"}},
            },
        },
    }  # fmt: skip


def hyperswitch_headers(body: bytes, key: str = HYPERSWITCH_KEY) -> dict[str, str]:
    return {"x-webhook-signature-512": hmac.new(key.encode(), body, "sha512").hexdigest()}


def encoded(event: object) -> bytes:
    return json.dumps(event).encode()
