"""What is counted, and by what: the whole list, so that no label can grow with the traffic."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tools.ports import Happened

UNKNOWN: Final = "unknown"


@dataclass(frozen=True)
class Counted:
    """A counter, and the kinds of an event that are its labels."""

    name: str
    """Without the ending `_total`."""
    words: str
    """What people read beside it."""
    labels: tuple[str, ...] = ()

    def values(self, kinds: Mapping[str, str]) -> tuple[str, ...]:
        """Give the value of each label."""
        return tuple(kinds.get(label) or UNKNOWN for label in self.labels)


_ACTIONS = Counted("payops_actions", "Changes to traffic that went on record.", ("did", "action"))
_ALERTS = Counted("payops_alert_deliveries", "Tries to tell a receiver of alerts.", ("receiver", "result"))

COUNTED: Final[Mapping[Happened, Counted]] = {
    "opened": Counted("payops_incidents_opened", "Incidents opened."),
    "closed": Counted("payops_incidents_closed", "Incidents closed.", ("recovered",)),
    "proposed": Counted("payops_proposals", "Plans of the planner.", ("action", "category")),
    "ruled": Counted("payops_verdicts", "Rulings of the risk officer.", ("ruling", "mode")),
    "decided": Counted("payops_decisions", "Answers to the crew's questions.", ("answer",)),
    "refused": Counted("payops_refused_answers", "Answers that did not count."),
    "acted": _ACTIONS,
    "stepped": _ACTIONS,
    "renewed": _ACTIONS,
    "reverted": _ACTIONS,
    "outcome": Counted("payops_outcomes", "What came of incidents.", ("effect",)),
    "opinion": Counted("payops_opinions", "Second opinions; all but given are fallbacks.", ("result",)),
    "alerted": Counted("payops_alerts", "Alerts raised.", ("severity",)),
    "delivered": _ALERTS,
    "not_delivered": _ALERTS,
    "actuator_failed": Counted(
        "payops_actuator_failures", "What the actuator did not do.", ("verb", "result")
    ),
}
"""What is not named here is only written down."""
