"""PagerDuty, Events API v2."""

from dataclasses import dataclass, field

import httpx

from payments.errors import SettingsError
from tools.alerts.bulletin import Bulletin
from tools.alerts.delivery import post, shortened, without_empty

LONGEST_KEY, LONGEST_SUMMARY, LONGEST_DETAIL = 255, 1_024, 8_000


@dataclass(frozen=True)
class PagerDuty:
    """Implements `Receiver`: one PagerDuty incident for one of ours, by `dedup_key`."""

    base_url: httpx.URL
    routing_key: str = field(repr=False)
    console: str = ""
    name: str = "pagerduty"
    renew_s: float | None = None

    def __post_init__(self) -> None:
        if not self.routing_key.isascii() or not self.routing_key.isalnum():
            raise SettingsError(
                "PAYOPS_PAGERDUTY_KEY is no integration key: take it from the service's page."
            )

    def deliver(self, bulletin: Bulletin) -> None:
        """Trigger, which an open incident of the same key takes as news, or resolve."""
        alert = bulletin.alert
        event = {
            "routing_key": self.routing_key,
            "event_action": "resolve" if bulletin.is_over else "trigger",
            "dedup_key": shortened(f"payops:{bulletin.thread}", LONGEST_KEY),
            "payload": {
                "summary": shortened(alert.title, LONGEST_SUMMARY) or "PayOps Crew",
                "source": "payops-crew",
                "severity": alert.severity,
                "timestamp": bulletin.given_at.isoformat(),
                "custom_details": {
                    "text": shortened(alert.text, LONGEST_DETAIL),
                    "incident": alert.incident_id,
                },
            },
            "client": "PayOps Crew",
            "client_url": bulletin.link(self.console),
        }
        url = httpx.URL(f"{str(self.base_url).rstrip('/')}/v2/enqueue")
        post(self.name, url, without_empty(event), {}, remedy="check PAGERDUTY_URL and PAYOPS_PAGERDUTY_KEY")
