"""Prometheus Alertmanager, API v2."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from payments.alert import AlertMessage
from tools.alerts.bulletin import Bulletin
from tools.alerts.delivery import post, shortened, without_empty

RENEW_S = 60.0
"""It takes an alert for over that it does not hear of for five minutes (`resolve_timeout`)."""
LONGEST = 4_000
REMEDY = "check ALERTMANAGER_URL and PAYOPS_ALERTMANAGER_TOKEN"


@dataclass(frozen=True)
class Alertmanager:
    """Implements `Receiver`: labels are an alert's identity there, so each severity is one of its own."""

    base_url: httpx.URL
    clock: Callable[[], datetime]
    token: str = field(default="", repr=False)
    console: str = ""
    """Where people look an incident up."""
    name: str = "alertmanager"
    renew_s: float | None = RENEW_S

    def deliver(self, bulletin: Bulletin) -> None:
        """Post what fires and what has ended."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        url = httpx.URL(f"{str(self.base_url).rstrip('/')}/api/v2/alerts")
        post(self.name, url, self.alerts(bulletin), headers, remedy=REMEDY)

    def alerts(self, bulletin: Bulletin) -> list[dict[str, Any]]:
        """Let the newest severity fire and the earlier ones end; all end when it is over."""
        newest = {one.severity: one for one in bulletin.earlier}
        firing = None if bulletin.is_over else bulletin.alert.severity
        over = [one for severity, one in newest.items() if severity != firing]
        alerts = [self._alert(bulletin, one, ended=True) for one in over]
        if firing is not None:
            alerts.append(self._alert(bulletin, bulletin.alert, ended=False))
        return alerts

    def _alert(self, bulletin: Bulletin, alert: AlertMessage, *, ended: bool) -> dict[str, Any]:
        now = self.clock()
        return without_empty(
            {
                "labels": {
                    "alertname": "PayOpsCrew",
                    "incident": shortened(bulletin.thread, LONGEST),
                    "severity": alert.severity,
                },
                "annotations": {
                    "summary": shortened(alert.title, LONGEST),
                    "description": shortened(bulletin.alert.text, LONGEST),
                },
                "startsAt": min(bulletin.began_at, now).isoformat(),
                "endsAt": now.isoformat() if ended else None,
                "generatorURL": bulletin.link(self.console),
            }
        )
