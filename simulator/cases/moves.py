"""One move of an agent, read from the fields of a `PayOpsAction`."""

from collections.abc import Mapping
from typing import Final, NamedTuple, cast, get_args

from payments.errors import InputError
from simulator.cases.vocabulary import PROBES, REPORTS, Act, ActionType, ProbeName, Verb

_ACTION_TYPES: Final = frozenset(get_args(ActionType))
_EMPTY: Final[Mapping[str, object]] = {}


class Move(NamedTuple):
    """One action on one transaction."""

    action_type: ActionType
    transaction_id: str
    reason: str = ""
    confidence: float | None = None
    """P(illicit), scored apart from the decision."""
    metadata: Mapping[str, object] = _EMPTY
    """`report` (none, ctr, sar, ofac), `message` to the customer, and what guardrails read."""

    @property
    def probe(self) -> ProbeName | None:
        """Give the question that this move asks, or None for a decision."""
        return self.action_type if self.action_type in PROBES else None


def act_of(move: Move) -> Act:
    """Give the decision of a move.

    Raises:
        InputError: it names an unknown action or report, or a report that contradicts `file_sar`.
    """
    if move.action_type not in _ACTION_TYPES:
        raise InputError(f"action_type {move.action_type!r} is not one of {sorted(_ACTION_TYPES)!r}.")
    report = move.metadata.get("report", "sar" if move.action_type == "file_sar" else "none")
    if report not in REPORTS:
        raise InputError(f"metadata['report'] is {str(report)[:80]!r}; give one of {list(REPORTS)!r}.")
    if move.action_type == "file_sar":
        if report != "sar":
            raise InputError(f"file_sar files a sar, but metadata['report'] is {report!r}; drop one of them.")
        return Act("hold", "sar")
    return Act(cast("Verb", move.action_type), report)


def move_for(
    choice: Act | ProbeName, transaction_id: str, confidence: float | None = None, reason: str = ""
) -> Move:
    """Give the move that carries out a choice of the solver."""
    if isinstance(choice, str):
        return Move(choice, transaction_id, reason, confidence)
    if choice == Act("hold", "sar"):
        return Move("file_sar", transaction_id, reason, confidence)
    return Move(choice.verb, transaction_id, reason, confidence, {"report": choice.report})
