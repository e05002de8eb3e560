"""How far the crew may go, from the settings: its mode, the kill switch, and the record of what it does."""

import os

from console.settings import AUDIT_KEY, Settings
from guardrails.audit import AuditLog
from guardrails.kill_switch import KillSwitch
from payments.action import Mode


def mode_of(settings: Settings, *, real: bool) -> Mode:
    """Give the mode that the owner chose; else the crew asks before each action on real traffic."""
    return settings.mode or (Mode.COPILOT if real else Mode.AUTOPILOT)


def kill_switch_of(settings: Settings) -> KillSwitch:
    """Give the switch that stops every write."""
    return KillSwitch(settings.state_dir, held=bool(settings.kill))


def audit_key() -> bytes | None:
    """Give the key of the audit log; it comes from the environment alone."""
    return os.environ.get(AUDIT_KEY, "").encode("utf-8", "surrogateescape") or None


def audit_log_of(settings: Settings) -> AuditLog:
    """Give the record of every decision."""
    return AuditLog(settings.state_dir / "audit.jsonl", audit_key())
