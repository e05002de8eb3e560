"""The commands that stop all writes, and that show and check the record of every decision."""

import json as json_format
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from console.authority import kill_switch_of, mode_of
from console.outside import new_id, now
from console.settings import Settings, load_settings
from console.storage import append_to_audit, audit_records, audit_report
from console.terminal.clean import one_line
from guardrails.kill_switch import KillSwitch
from payments.audit import AuditRecord
from payments.errors import InputError


def kill(state: Literal["on", "off", "status"], by: str, note: str, config: Path | None) -> None:
    """Turn the kill switch and say how it stands; who turned it, when and why goes on record."""
    settings = load_settings(config)
    if state == "status":
        _say(kill_switch_of(settings))
    else:
        turn(state, by, note, settings, _say)


def turn(
    state: Literal["on", "off"],
    by: str,
    note: str,
    settings: Settings,
    say: Callable[[KillSwitch], None] = lambda _: None,
) -> None:
    """Turn the kill switch for somebody; `say` is told as soon as it is turned.

    Raises:
        InputError: nobody is named.
    """
    if not by.strip():
        msg = "--by is empty: name who turns the kill switch, for it goes on record"
        raise InputError(msg)
    switch = kill_switch_of(settings)
    if state == "on":  # first the switch, then the record: no trouble with the record keeps it off
        switch.turn_on(by, note, now())
        say(switch)  # people must know that it is on even when it cannot be recorded
        _record("stopped", by, note, settings)
    else:
        _record("released", by, note, settings)
        switch.turn_off()
        say(switch)


def _say(switch: KillSwitch) -> None:
    sys.stdout.write(one_line(switch.words()) + "\n")


def _record(event: Literal["stopped", "released"], by: str, note: str, settings: Settings) -> None:
    stops, at = event == "stopped", now()
    append_to_audit(
        settings,
        AuditRecord(
            id=f"kill_switch:{event}:{new_id()}",
            at=at,
            event=event,
            actor=by,
            inputs={"note": note},
            policy=settings.policy.label,
            mode=mode_of(settings, real=settings.actuator_url is not None),
            before={"kill_switch_on": not stops},
            after={"kill_switch_on": stops or bool(settings.kill)},
        ),
    )


def audit(incident: str | None, limit: int, config: Path | None, *, json: bool) -> None:
    """Print the newest records, the oldest of them first."""
    found = audit_records(load_settings(config))
    wanted = (record for record in found if record.incident_id.startswith(incident or ""))
    records = tuple(deque(wanted, maxlen=limit))
    if json:
        plain = [record.model_dump(mode="json") for record in records]
        sys.stdout.write(json_format.dumps(plain, ensure_ascii=True, indent=2) + "\n")
        return
    from console.terminal.audit import audit_table
    from console.terminal.draw import console_on

    console_on(sys.stdout).print(audit_table(records, incident))


def verify(config: Path | None, *, json: bool) -> bool:
    """Say whether every record is as it was written; the first that is not is named."""
    report = audit_report(load_settings(config))
    plain = {**asdict(report), "sentence": report.sentence}
    sys.stdout.write((json_format.dumps(plain, indent=2) if json else report.sentence) + "\n")
    return report.bad_line is None
