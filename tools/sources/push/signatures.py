"""Who sent an event: each sender's own way to sign, checked in constant time."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256, sha512
from typing import Any, Final

from payments.errors import RefusedError, SettingsError

TOLERANCE_S: Final = 300.0
"""How far the time in a Stripe signature may lie from our clock, as Stripe's own libraries have it."""

_ADYEN_FIELDS = ("pspReference", "originalReference", "merchantAccountCode", "merchantReference")


def check_stripe(body: bytes, header: str, key: bytes, now: datetime) -> None:
    """Check `Stripe-Signature: t=..,v1=..`: HMAC-SHA256 of the time, a dot and the body.

    Raises:
        RefusedError: no signature fits, or it was made too long ago.
    """
    parts = [part.partition("=")[::2] for part in header.split(",")]
    timestamp = next((value for name, value in parts if name.strip() == "t"), "")
    expected = hmac.new(key, timestamp.encode() + b"." + body, sha256).hexdigest()
    fits = [_same(value, expected) for name, value in parts if name.strip() == "v1"]
    if not any(fits):
        raise _no_fit("Stripe")
    if not timestamp.isdigit() or abs(now.timestamp() - int(timestamp[:15])) > TOLERANCE_S:
        raise RefusedError(
            f"The Stripe signature is not of the last {TOLERANCE_S:.0f} s: check the clock here."
        )


def check_hyperswitch(body: bytes, header: str, key: bytes) -> None:
    """Check `x-webhook-signature-512`: HMAC-SHA512 of the body, in hexadecimal.

    Raises:
        RefusedError: the signature does not fit.
    """
    if not _same(header.strip().lower(), hmac.new(key, body, sha512).hexdigest()):
        raise _no_fit("Hyperswitch")


def check_adyen(item: Mapping[str, Any], key: bytes) -> None:
    """Check `additionalData.hmacSignature` of one notification: HMAC-SHA256 of eight of its fields.

    Raises:
        RefusedError: the signature does not fit.
    """
    amount, additional = item.get("amount"), item.get("additionalData")
    amount = amount if isinstance(amount, dict) else {}
    additional = additional if isinstance(additional, dict) else {}
    values = [
        *(item.get(name) or "" for name in _ADYEN_FIELDS),
        amount.get("value", ""),
        amount.get("currency", ""),
        item.get("eventCode", ""),
        item.get("success", ""),
    ]
    signed = ":".join(str(value) for value in values).encode("utf-8", "replace")
    expected = base64.b64encode(hmac.new(key, signed, sha256).digest()).decode("ascii")
    if not _same(str(additional.get("hmacSignature", "")), expected):
        raise _no_fit("Adyen")


def adyen_key(text: str) -> bytes:
    """Read the key as Adyen shows it, in hexadecimal.

    Raises:
        SettingsError: it is not hexadecimal.
    """
    try:
        return binascii.unhexlify(text.strip())
    except (binascii.Error, ValueError) as error:
        raise SettingsError(
            "PAYOPS_ADYEN_KEY is not hexadecimal; copy the HMAC key as Adyen shows it."
        ) from error


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("ascii"))


def _no_fit(sender: str) -> RefusedError:
    return RefusedError(f"The {sender} signature does not fit the event: check the key on both sides.")
