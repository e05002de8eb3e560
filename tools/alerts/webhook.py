"""A receiver of your own: signed JSON, once per message."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

import httpx

from payments.errors import SettingsError
from tools.actuators.signature import Request, sign
from tools.alerts.bulletin import Bulletin
from tools.alerts.delivery import encoded, post

REMEDY = "check ALERT_WEBHOOK_URL and PAYOPS_ALERT_WEBHOOK_SECRET"


@dataclass(frozen=True)
class AlertWebhook:
    """Implements `Receiver` by POST, signed as requests to a switch are."""

    url: httpx.URL
    secret: bytes = field(repr=False)
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    name: str = "webhook"
    renew_s: float | None = None

    def __post_init__(self) -> None:
        if not self.secret:
            raise SettingsError(
                "ALERT_WEBHOOK_URL takes a secret to sign with: set PAYOPS_ALERT_WEBHOOK_SECRET."
            )

    def deliver(self, bulletin: Bulletin) -> None:
        """Post the newest message."""
        told = {
            "event": bulletin.event,
            "thread": bulletin.thread,
            **bulletin.alert.model_dump(mode="json"),
            "question": bulletin.question,
        }
        body = encoded(told)
        request = Request("POST", self.url.raw_path.decode("ascii"), body)
        headers = {
            **sign(request, self.secret, self.clock(), self.new_id()),
            "Idempotency-Key": quote(bulletin.alert.dedup_key, safe=""),
        }
        post(
            self.name,
            self.url,
            body,
            headers,
            remedy="check ALERT_WEBHOOK_URL and PAYOPS_ALERT_WEBHOOK_SECRET",
        )
