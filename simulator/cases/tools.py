"""The environment as tools, for TRL's tool-calling trainers: pass the class as `environment_factory`.

Every public method but `reset` is a tool that a model may call; its docstring is what the model reads.
"""

from typing import Final

from simulator.cases.environment import PayOpsEnvironment
from simulator.cases.models import PayOpsObservation
from simulator.cases.start import OPTIONS
from simulator.cases.vocabulary import ActionType

_SCREEN: Final = (
    "transaction_id", "amount", "currency", "sender", "receiver", "transaction_type", "risk_score",
    "ml_confidence", "flags", "velocity_1h", "velocity_24h", "avg_transaction_amount", "account_age_days",
    "country_risk", "kyc_status", "kyc_expiry_days", "previous_violations", "previous_sars",
    "counterparty_risk", "chain_context", "metadata", "inspection_notes", "docs_notes", "kyc_notes",
    "contact_notes", "network_graph", "steps_remaining", "budget_remaining",
)  # fmt: skip


class PayOpsTools:
    """One episode at a time. `reward` is what a trainer reads at the end, `done` tells when."""

    def __init__(self) -> None:
        self.reward = 0.0
        self.done = False
        self._environment = PayOpsEnvironment()
        self._case = ""

    def reset(self, **columns: object) -> str:
        """Start an episode and describe its first case.

        Args:
            columns: Of the data set; `split`, `index`, `seed` and `task_id` choose, others are passed over.
        """
        chosen = {word: value for word, value in columns.items() if word in OPTIONS}
        seen = self._environment.begin(chosen)
        self.reward = 0.0
        return self._told(seen)

    def inspect(self) -> str:
        """Look at logs, account history and the network around the case. Costs 0.10 of the budget.

        Returns:
            What was found, with the case as it stands.
        """
        return self._act("inspect")

    def request_docs(self) -> str:
        """Ask the sender for an invoice or a contract. Costs 0.20 of the budget.

        Returns:
            What the documents say, with the case as it stands.
        """
        return self._act("request_docs")

    def verify_kyc(self) -> str:
        """Check the identity of the customer again. Costs 0.20 of the budget.

        Returns:
            The result of the check, with the case as it stands.
        """
        return self._act("verify_kyc")

    def contact_sender(self, message: str = "") -> str:
        """Call the sender to confirm what they intend. Costs 0.30 of the budget.

        Args:
            message: What to say; it must not tell the customer that anything is suspected.

        Returns:
            What the sender said, with the case as it stands.
        """
        return self._act("contact_sender", metadata={"message": message} if message else {})

    def approve(self, reason: str, confidence: float, report: str = "none") -> str:
        """Let the payment through.

        Args:
            reason: Why, for the audit log.
            confidence: Probability, from 0 to 1, that the payment is illicit.
            report: none, ctr, sar or ofac.

        Returns:
            The next case, or the score.
        """
        return self._act("approve", reason, confidence, {"report": report})

    def reject(self, reason: str, confidence: float, report: str = "none") -> str:
        """Refuse the payment; the money goes back.

        Args:
            reason: Why, for the audit log.
            confidence: Probability, from 0 to 1, that the payment is illicit.
            report: none, ctr, sar or ofac.

        Returns:
            The next case, or the score.
        """
        return self._act("reject", reason, confidence, {"report": report})

    def hold(self, reason: str, confidence: float, report: str = "none") -> str:
        """Hold the payment; with the report ofac the money is frozen.

        Args:
            reason: Why, for the audit log.
            confidence: Probability, from 0 to 1, that the payment is illicit.
            report: none, ctr, sar or ofac.

        Returns:
            The next case, or the score.
        """
        return self._act("hold", reason, confidence, {"report": report})

    def flag(self, reason: str, confidence: float, report: str = "none") -> str:
        """Hold the payment softly until a colleague has reviewed it.

        Args:
            reason: Why, for the audit log.
            confidence: Probability, from 0 to 1, that the payment is illicit.
            report: none, ctr, sar or ofac.

        Returns:
            The next case, or the score.
        """
        return self._act("flag", reason, confidence, {"report": report})

    def escalate(self, reason: str, confidence: float, report: str = "none") -> str:
        """Send the case to the senior compliance or fraud team.

        Args:
            reason: Why, for the audit log.
            confidence: Probability, from 0 to 1, that the payment is illicit.
            report: none, ctr, sar or ofac.

        Returns:
            The next case, or the score.
        """
        return self._act("escalate", reason, confidence, {"report": report})

    def file_sar(self, reason: str, confidence: float) -> str:
        """Hold the payment and file a suspicious activity report. Costs 0.10 of the budget.

        Args:
            reason: The suspicion, as it is on file.
            confidence: Probability, from 0 to 1, that the payment is illicit.

        Returns:
            The next case, or the score.
        """
        return self._act("file_sar", reason, confidence)

    def _act(
        self,
        action_type: ActionType,
        reason: str | None = None,
        confidence: float | None = None,
        metadata: dict[str, object] | None = None,
    ) -> str:
        """Take an action on the case on the screen."""
        action = {
            "action_type": action_type,
            "transaction_id": self._case,
            "reason": reason,
            "confidence": confidence,
            "metadata": metadata or {},
        }
        return self._told(self._environment.act(action, len(reason or "")))

    def _told(self, seen: PayOpsObservation) -> str:
        """Describe what is on the screen."""
        self.done, self._case = seen.done, seen.transaction_id
        if self._environment.episode.has_just_ended:
            self.reward = float(seen.reward or 0.0)
        error = seen.info.get("error")
        lines = [] if error is None else [f"Not done: {error}"]
        if seen.done:
            return "\n".join([*lines, f"The episode is over. Score: {self.reward:.3f}."])
        shown = ((word, getattr(seen, word)) for word in _SCREEN)
        return "\n".join(
            [*lines, *(f"{word}: {value}" for word, value in shown if value not in (None, [], {}))]
        )
