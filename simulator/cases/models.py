"""The four published models. Importing OpenEnv takes seconds, so only the environment's edge imports this.

Fields that OpenEnv's bases declare (`metadata`, `done`, `reward`, `episode_id`, `step_count`) are inherited.
"""

from typing import ClassVar, Literal

from openenv.core.env_server.types import (
    Action,
    Observation,
    State,
)
from pydantic import BaseModel, ConfigDict, Field

from simulator.cases.vocabulary import ActionType, Tier

Status = Literal[
    "pending",
    "approved",
    "rejected",
    "flagged",
    "escalated",
    "held",
    "inspected",
    "docs_requested",
    "kyc_triggered",
    "sender_contacted",
    "sar_filed",
]
TransactionType = Literal[
    "transfer", "payment", "withdrawal", "refund", "internal", "loan_repayment", "payroll"
]
CountryRisk = Literal["low", "medium", "high", "sanctioned"]
KycStatus = Literal["verified", "pending", "failed", "none", "expired"]
CounterpartyRisk = Literal["clean", "unknown", "watchlist", "blacklist"]


class PayOpsAction(Action):
    """One action on one transaction."""

    action_type: ActionType = Field(description="A question, or the decision that ends the case.")
    transaction_id: str = Field(description="The case on the screen.")
    reason: str | None = Field(default=None, description="Why, for the audit log.")
    confidence: float | None = Field(
        default=None, ge=0.0, le=1.0, description="P(illicit); scored by Brier, apart from the reward."
    )


class PayOpsObservation(Observation):
    """What is seen after a reset and after each step."""

    transaction_id: str = Field(description="Names the case; opaque.")
    amount: float = Field(description="In `currency`.")
    currency: str = Field(description="ISO 4217.")
    sender: str = Field(description="Who pays.")
    receiver: str = Field(description="Who is paid.")
    transaction_type: TransactionType = Field(default="transfer", description="Kind of payment.")
    status: Status = Field(default="pending", description="What the last action made of the case.")
    risk_score: float = Field(ge=0.0, le=1.0, description="Of the model; evidence, never authority.")
    ml_confidence: float = Field(default=0.9, description="Of the model in its score; low may mean poisoned.")
    flags: list[str] = Field(default=[], description="Rules that fired.")
    velocity_1h: int | None = Field(default=None, description="Payments in the last hour.")
    velocity_24h: int | None = Field(default=None, description="Payments in the last day.")
    avg_transaction_amount: float | None = Field(default=None, description="Of this sender.")
    account_age_days: int | None = Field(default=None, description="Of this sender.")
    country_risk: CountryRisk | None = Field(default=None, description="Of the counterparty's country.")
    kyc_status: KycStatus | None = Field(default=None, description="Of the identity check.")
    kyc_expiry_days: int | None = Field(
        default=None, description="Until documents expire; negative: expired."
    )
    previous_violations: int | None = Field(default=None, description="On record.")
    previous_sars: int | None = Field(default=None, description="On record.")
    counterparty_risk: CounterpartyRisk | None = Field(default=None, description="List status.")
    chain_step: int = Field(default=1, description="Which case of the episode this is.")
    chain_total: int = Field(default=1, description="Cases in the episode; agents see only those so far.")
    chain_context: str | None = Field(default=None, description="What led here.")
    steps_remaining: int | None = Field(default=None, description="Steps before this case lapses.")
    action_cost: float = Field(default=0.0, description="Budget that the last action took.")
    budget_remaining: float = Field(default=5.0, description="Budget left for the whole episode.")
    inspection_notes: str | None = Field(default=None, description="Answer to inspect.")
    docs_notes: str | None = Field(default=None, description="Answer to request_docs.")
    kyc_notes: str | None = Field(default=None, description="Answer to verify_kyc.")
    contact_notes: str | None = Field(default=None, description="Answer to contact_sender.")
    investigation_hints: list[str] = Field(default=[], description="Questions that decide; trainers only.")
    recent_decisions: list[dict[str, object]] = Field(
        default=[], description="The last three of the episode."
    )
    task_id: str = Field(default="", description="Trainers only.")
    task_difficulty: Tier = Field(default="easy", description="Trainers only; agents see the default.")
    step_in_episode: int = Field(default=0, description="Steps taken.")
    reward_breakdown: dict[str, float] = Field(
        default={}, description="base, time_penalty, confidence_bonus, cost_penalty; trainers only."
    )
    cumulative_reward: float = Field(default=0.0, description="Of the episode; agents see it at the end.")
    network_graph: dict[str, object] | None = Field(
        default=None, description="Node-link data, after inspect."
    )
    info: dict[str, object] = Field(
        default={}, description="`error` when the last action was not carried out."
    )


class PayOpsReward(BaseModel):
    """The grader's result for an episode so far."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    value: float = Field(default=0.0, ge=0.0, le=1.0, description="1 - dollars lost / declared worst case.")
    breakdown: dict[str, float] = Field(default={}, description="Items that sum to the value; bonuses are 0.")
    raw_total: float = Field(default=0.0, description="Dollars lost, negative.")
    max_possible: float = Field(default=1.0, description="Of the value.")


class PayOpsState(State):
    """The server's view of an episode. Agents get it without what tells an answer."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", validate_assignment=True, arbitrary_types_allowed=True
    )

    current_task_id: str = Field(default="", description="Trainers only.")
    transactions_processed: int = Field(default=0, description="Cases decided or lapsed.")
    total_tasks: int = Field(default=0, description="Cases in the episode; trainers only.")
    cumulative_reward: float = Field(default=0.0, description="Agents see it at the end.")
    budget_spent: float = Field(default=0.0, description="Of the limit.")
    budget_limit: float = Field(default=5.0, description="For the whole episode.")
    actions_taken: list[str] = Field(default=[], description="Action types in order.")
    last_action: str | None = Field(default=None, description="The last of them.")
    investigation_actions_used: list[str] = Field(default=[], description="Questions asked about this case.")
    correct_decisions: int = Field(
        default=0, description="Decisions than which none was better; trainers only."
    )
    wrong_high_cost: int = Field(default=0, description="Illicit payments approved; trainers only.")
    recent_decisions: list[dict[str, object]] = Field(
        default=[], description="The last three of the episode."
    )
    done: bool = Field(default=False, description="Whether the episode is over.")
    episode_seed: int | None = Field(default=None, description="Trainers only: a seed tells the draws.")
