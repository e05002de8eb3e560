"""Who carries out actions on real traffic, as the settings name it."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime

from console.settings import ACTUATOR_SECRET, DECISION_ENGINE_KEY, Settings
from console.storage import open_engine
from payments.errors import SettingsError
from tools.ports import Actuator


def real_actuator(
    settings: Settings, stack: ExitStack, clock: Callable[[], datetime], new_id: Callable[[], str]
) -> Actuator | None:
    """Reach what the settings name; None when they name nothing. The clock is the wall's.

    Raises:
        SettingsError: two are named, or one of them not well enough.
    """
    if settings.actuator_url and settings.decision_engine_url:
        raise SettingsError("Set one of ACTUATOR_URL and DECISION_ENGINE_URL: one switch moves the payments.")
    if settings.actuator_url:
        return webhook(settings.actuator_url, clock, new_id)
    if settings.decision_engine_url:
        return _decision_engine(settings.decision_engine_url, settings, stack, clock)
    return None


def webhook(url: str, clock: Callable[[], datetime], new_id: Callable[[], str]) -> Actuator:
    """Reach a switch of one's own."""
    from tools.actuators.webhook import WebhookActuator

    return WebhookActuator(
        url, os.environ.get(ACTUATOR_SECRET, "").encode("utf-8", "surrogateescape"), clock, new_id
    )


def _decision_engine(
    url: str, settings: Settings, stack: ExitStack, clock: Callable[[], datetime]
) -> Actuator:
    from memory.holders import this_process
    from tools.actuators.decision_engine.actuator import DecisionEngineActuator
    from tools.actuators.decision_engine.api import EngineApi
    from tools.actuators.decision_engine.ledger import Ledger

    api = EngineApi(url, settings.decision_engine_merchant, os.environ.get(DECISION_ENGINE_KEY, ""))
    engine = stack.enter_context(open_engine(settings))
    return DecisionEngineActuator(api, Ledger(engine, api.merchant, this_process()), clock)
