"""Where people are told: a file always, the terminal, and the systems that the settings name."""

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING

from console.hearing import HeardReceiver
from console.settings import (
    ALERT_WEBHOOK_SECRET,
    ALERTMANAGER_TOKEN,
    PAGERDUTY_KEY,
    SLACK_SIGNING_SECRET,
    SLACK_WEBHOOK,
    Settings,
)
from console.storage import open_engine
from payments.errors import NotFoundError
from payments.incident import Status
from tools.ports import UNTOLD, AlertSink, Telemetry

if TYPE_CHECKING:
    from memory.incidents import IncidentStore
    from tools.alerts.bulletin import Receiver
    from tools.alerts.courier import Over

Clock = Callable[[], datetime]


def alerts_to(
    settings: Settings,
    stack: ExitStack,
    clock: Clock,
    new_id: Callable[[], str],
    *,
    tell_people: bool,
    telemetry: Telemetry = UNTOLD,
) -> AlertSink:
    """Join everything that tells people; what is other people's is delivered until the stack is closed.

    Raises:
        SettingsError: a receiver is not named well enough.
    """
    from tools.alerts.fan_out import AlertFanOut
    from tools.alerts.jsonl import JsonlAlerts
    from tools.alerts.terminal import TerminalAlerts

    here: list[AlertSink] = [JsonlAlerts(settings.state_dir / "alerts.jsonl")]
    here += [TerminalAlerts(_to_standard_error)] if tell_people else []
    receivers = tuple(HeardReceiver(one, telemetry) for one in receivers_of(settings, clock, new_id))
    if not receivers:
        return AlertFanOut(here)
    from memory.incidents import IncidentStore
    from tools.alerts.queue import AlertQueue
    from tools.alerts.queued import QueuedAlerts, delivering

    # An engine of its own: deliveries go on beside the cycles, and after them.
    engine = stack.enter_context(open_engine(settings))
    queued = QueuedAlerts(receivers, AlertQueue(engine, clock))
    stack.enter_context(delivering(queued, last_word(IncidentStore(engine)), AlertFanOut(here)))
    return AlertFanOut((*here, queued))


def receivers_of(settings: Settings, clock: Clock, new_id: Callable[[], str]) -> tuple["Receiver", ...]:
    """Set up the receivers that settings and environment name; nothing of the others is imported.

    Raises:
        SettingsError: one of them is not named well enough.
    """
    made = (
        _alertmanager(settings, clock),
        _slack(settings),
        _pagerduty(settings),
        _webhook(settings, clock, new_id),
    )
    return tuple(one for one in made if one is not None)


def last_word(incidents: "IncidentStore") -> "Over":
    """Give what says the last word on an incident that is over."""

    def over(incident_id: str) -> str | None:
        try:
            incident = incidents.get(incident_id)
        except NotFoundError:
            return None
        if incident.status is not Status.CLOSED:
            return None
        return incident.outcome.sentence if incident.outcome else incident.closed_because or "It is over."

    return over


def _alertmanager(settings: Settings, clock: Clock) -> "Receiver | None":
    if not settings.alertmanager_url:
        return None
    from tools.alerts.alertmanager import Alertmanager
    from tools.alerts.delivery import address

    url = address("ALERTMANAGER_URL", settings.alertmanager_url)
    return Alertmanager(url, clock, _secret(ALERTMANAGER_TOKEN), _console(settings))


def _slack(settings: Settings) -> "Receiver | None":
    if not _secret(SLACK_WEBHOOK):
        return None
    from tools.alerts.delivery import address
    from tools.alerts.slack import Slack

    url = address(SLACK_WEBHOOK, _secret(SLACK_WEBHOOK), is_secret=True)
    decides = bool(_secret(SLACK_SIGNING_SECRET)) and settings.slack_users_file is not None
    return Slack(url, _console(settings), decides=decides)


def _pagerduty(settings: Settings) -> "Receiver | None":
    if not _secret(PAGERDUTY_KEY):
        return None
    from tools.alerts.delivery import address
    from tools.alerts.pagerduty import PagerDuty

    url = address("PAGERDUTY_URL", settings.pagerduty_url)
    return PagerDuty(url, _secret(PAGERDUTY_KEY), _console(settings))


def _webhook(settings: Settings, clock: Clock, new_id: Callable[[], str]) -> "Receiver | None":
    if not settings.alert_webhook_url:
        return None
    from tools.alerts.delivery import address
    from tools.alerts.webhook import AlertWebhook

    url = address("ALERT_WEBHOOK_URL", settings.alert_webhook_url)
    secret = os.environ.get(ALERT_WEBHOOK_SECRET, "").encode("utf-8", "surrogateescape")
    return AlertWebhook(url, secret, clock, new_id)


def _console(settings: Settings) -> str:
    """Give the address under which people reach the console; empty when nobody has said it."""
    if not settings.console_url:
        return ""
    from tools.alerts.delivery import address

    return str(address("CONSOLE_URL", settings.console_url)).rstrip("/")


def _secret(name: str) -> str:
    return os.environ.get(name, "").strip()


def _to_standard_error(text: str) -> None:
    """Write to whatever standard error is now: a live view takes it over to print above itself."""
    sys.stderr.write(text)
