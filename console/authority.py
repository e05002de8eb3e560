"""How far the crew may go, from the settings: its mode, the kill switch, and the record of what it does."""

import os
from difflib import get_close_matches

from console.settings import AUDIT_KEY, Settings
from guardrails.audit import AuditLog
from guardrails.kill_switch import KillSwitch
from guardrails.policy import TABLE, Policy
from payments.errors import SettingsError
from payments.verdict import Mode

NAMES_OF_CAUSES = ("rerouting_heals", "rerouting_harms", "retries_harm")
"""Limits that are lists of causes."""


def mode_of(settings: Settings, *, real: bool) -> Mode:
    """Give the mode that the owner chose; else the crew asks before each action on real traffic."""
    return settings.mode or (Mode.COPILOT if real else Mode.AUTOPILOT)


def check_causes(policy: Policy) -> None:
    """Refuse a limit on a cause that no diagnosis names: with a typing error it would hold for nothing.

    Raises:
        SettingsError: a name that is no cause.
    """
    from agents.analyst.signatures import table

    known = sorted(table())
    for limit in NAMES_OF_CAUSES:
        for name in sorted(getattr(policy, limit) - set(known)):
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"the causes are {', '.join(known)}."
            msg = f"{TABLE}.{limit} names {name!r}, which is no cause; {hint}"
            raise SettingsError(msg)


def kill_switch_of(settings: Settings) -> KillSwitch:
    """Give the switch that stops every write."""
    return KillSwitch(settings.state_dir, held=bool(settings.kill))


def audit_key() -> bytes | None:
    """Give the key of the audit log; it comes from the environment alone."""
    return os.environ.get(AUDIT_KEY, "").encode("utf-8", "surrogateescape") or None


def audit_log_of(settings: Settings) -> AuditLog:
    """Give the record of every decision."""
    return AuditLog(settings.state_dir / "audit.jsonl", audit_key())
