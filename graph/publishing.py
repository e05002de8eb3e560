"""What a cycle saw and said, published for whoever looks on."""

import json

from graph.report import CycleReport
from graph.services import Senses
from payments.errors import StorageError
from payments.verdict import Mode


def publish(report: CycleReport, senses: Senses, mode: Mode) -> None:
    """Publish a cycle; that it cannot be shown is told, and does not stop the watch."""
    pulse = senses.monitor.pulse() if senses.board is not None else None
    if senses.board is None or pulse is None:
        return
    try:
        senses.board.publish(senses.source.feed, pulse, _said(report, mode))
    except StorageError as error:
        senses.monitor.note(f"the live page is not kept up to date: {error}")


def _said(report: CycleReport, mode: Mode) -> str:
    """Write what is not kept elsewhere, as ASCII: hostile text may hold what no other encoding takes."""
    said = {
        "cycle": report.cycle,
        "at": report.at.isoformat(),
        "diagnosis": report.diagnosis,
        "recommendation": report.recommendation,
        "events": report.events,
        "notes": report.notes,
        "mode": mode.value,
    }
    return json.dumps(said, separators=(",", ":"))
