"""The limits of autonomous action, as data with bounds of their own."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated, Self, assert_never

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PlainSerializer,
    PositiveFloat,
    PositiveInt,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from guardrails.chain import digest
from payments.action import ActionKind
from payments.diagnosis import Category
from payments.quantity import Fraction
from payments.verdict import Mode

TABLE = "guardrails"
"""Name of the table in a TOML file."""

_Share = Annotated[float, Field(gt=0.0, le=1.0)]
_Kinds = Annotated[frozenset[ActionKind], PlainSerializer(sorted)]
_Names = Annotated[frozenset[str], PlainSerializer(sorted)]
_ALL_KINDS = frozenset(ActionKind)


class Freeze(BaseModel):
    """A time in which nothing is changed without two people."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: AwareDatetime
    end: AwareDatetime
    why: str = "a change freeze"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.start >= self.end:
            msg = f"the freeze ends at {self.end.isoformat()}, not after its start {self.start.isoformat()}"
            raise ValueError(msg)
        return self


class Policy(BaseModel):
    """What the crew may do alone; anything beyond asks a human or is blocked."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    version: Annotated[str, Field(min_length=1, max_length=40)] = "1"
    """Your own name for this set of limits; goes with the digest into every record."""
    confidence_threshold: Fraction = 0.8
    """Least confidence to act alone; equality acts."""
    max_autonomous_volume: NonNegativeInt = 5000
    """Most attempts per aggregation window in the scope of an action."""
    allowed_in_shadow: _Kinds = _ALL_KINDS
    allowed_in_copilot: _Kinds = _ALL_KINDS
    allowed_in_autopilot: _Kinds = _ALL_KINDS
    max_share_of_total_moved: _Share = 0.5
    """Most of all traffic that one action may move without a human."""
    max_cumulative_share_moved: _Share = 0.6
    """The same for all actions in force together."""
    four_eyes_above_share: _Share = 0.6
    """Share of all traffic above which a move takes two people."""
    max_target_load: _Share = 0.95
    """Highest load of a target after a move, as a share of its capacity."""
    max_target_load_when_source_down: _Share = 1.0
    """The same while the source succeeds below `source_down_below`: then an idle reserve costs more."""
    source_down_below: Fraction = 0.8
    probe_share: Annotated[float, Field(ge=0.0, le=0.5)] = 0.02
    """Least share of the scope that stays on the source, so that its recovery is seen."""
    margin_share: Fraction = 0.1
    """What is earned on a payment, as a share of its amount."""
    retry_fee_minor: NonNegativeFloat = 50.0
    """A scheme's fee for an attempt beyond its cap, in minor units."""
    max_retry_fees_minor: NonNegativeFloat = 0.0
    """Most of such fees that one action may cost until its expiry."""
    rerouting_heals: _Names = frozenset(
        {"psp_outage", "psp_issuer_link", "expired_cert", "routing_misconfig", "psp_brownout"}
    )
    """Causes for which payments may leave a route without a human."""
    rerouting_harms: _Names = frozenset({"issuer_outage", "card_testing", "retry_storm", "webhook_lag"})
    """Causes for which nobody may move payments, nor anybody for the categories below."""
    rerouting_harms_categories: Annotated[frozenset[Category], PlainSerializer(sorted)] = frozenset(
        {Category.USER, Category.ISSUER, Category.NO_INCIDENT, Category.OUR_DATA}
    )
    max_card_testing_probability: Fraction = 0.2
    """Highest probability of an attack by card testing at which payments may move without a human."""
    retries_harm: _Names = frozenset({"issuer_outage", "card_testing", "retry_storm"})
    max_attempts_where_retries_harm: PositiveInt = 2
    max_unknown_share: Fraction = 0.5
    """Most of what the scope lost beyond the usual that may be of unknown outcome when payments move."""
    max_loss_to_gain: NonNegativeFloat = 1.0
    """Most that the low end of the plan's interval may lose, as a multiple of its mean."""
    stale_after_windows: PositiveFloat = 2.0
    max_proposal_age_s: PositiveFloat = 900.0
    """Longest time since the fault was last seen after which anybody may still say yes."""
    min_ticks_learned: NonNegativeInt = 60
    """Increments that the baseline must have learned from; 60 are five minutes of 5 s."""
    cool_down_s: NonNegativeFloat = 60.0
    """Least time between two changes of the same payments."""
    max_actions_per_hour: NonNegativeInt = 10
    max_reverts_per_hour: NonNegativeInt = 3
    """Undone actions in an hour, the one under review counted as if it were undone too."""
    max_ineffective_repeats: NonNegativeInt = 1
    """Times that the same action on the same scope may have had no effect before."""
    max_rejections_before: NonNegativeInt = 0
    """Similar incidents in which a human may have refused the same action on the same scope."""
    min_expires_after_s: PositiveFloat = 60.0
    max_expires_after_s: PositiveFloat = 3600.0
    rollout_steps: tuple[_Share, ...] = (0.1, 0.25, 0.5, 1.0)
    """Shares of what a reroute wants to move in the end; the last one is all of it."""
    step_wait_s: PositiveFloat = 60.0
    """The next step comes after this long without evidence for the targets, if none speaks against them."""
    step_log_evidence: PositiveFloat = 1.0
    """Nats for every target being sound that bring the next step at once."""
    drop_log_evidence: PositiveFloat = 9.2
    """Nats for a target being bad that make it leave."""
    max_renewals: NonNegativeInt = 7
    """Times that an action which helps may be renewed before a human must go on."""
    calm_before_end_s: NonNegativeFloat = 300.0
    """How long a fault must stay away before it counts as over."""
    freezes: tuple[Freeze, ...] = ()
    """Times of change freeze."""

    def allowed_in(self, mode: Mode) -> frozenset[ActionKind]:
        """Give the kinds of action that a mode may take."""
        match mode:
            case Mode.SHADOW:
                return self.allowed_in_shadow
            case Mode.COPILOT:
                return self.allowed_in_copilot
            case Mode.AUTOPILOT:
                return self.allowed_in_autopilot
        assert_never(mode)

    @property
    def digest(self) -> str:
        """SHA-256 of all limits as canonical JSON, in hexadecimal digits."""
        return digest(self.model_dump(mode="json"))

    @property
    def label(self) -> str:
        """Version and the first 12 digits of the digest, as records name the policy."""
        return f"{self.version}:{self.digest[:12]}"

    @field_validator("*", mode="before")
    @classmethod
    def _no_switch(cls, value: object) -> object:
        if isinstance(value, bool):
            msg = "true and false are no value of any limit"
            raise ValueError(msg)  # noqa: TRY004 - pydantic turns only a ValueError into a problem of the field
        return value

    @field_validator("rollout_steps")
    @classmethod
    def _rises_to_all(cls, steps: tuple[float, ...]) -> tuple[float, ...]:
        if not steps or steps[-1] != 1.0 or list(steps) != sorted(set(steps)):
            msg = "the steps of a rollout rise to 1"
            raise ValueError(msg)
        return steps

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_expires_after_s > self.max_expires_after_s:
            low, high = self.min_expires_after_s, self.max_expires_after_s
            msg = f"min_expires_after_s {low!r} exceeds max_expires_after_s {high!r}"
            raise ValueError(msg)
        one, all_together = self.max_share_of_total_moved, self.max_cumulative_share_moved
        if one > all_together:
            msg = f"max_share_of_total_moved {one!r} exceeds max_cumulative_share_moved {all_together!r}"
            raise ValueError(msg)
        return self


def in_words(problem: ErrorDetails, within: Sequence[int | str]) -> str:
    """Say which limit is not allowed, its value, and what is; `within` is where in the policy it is."""
    key, value, reason = ".".join(map(str, (TABLE, *within))), problem["input"], problem["msg"]
    if problem["type"] == "extra_forbidden" and len(within) == 1:
        known = list(Policy.model_fields)
        near = get_close_matches(str(within[0]), known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the limits are {', '.join(known)}."
        return f"{key} = {value!r} is no limit; {hint}"
    reason = reason.removeprefix("Value error, ")
    return f"{key} = {value!r} is not allowed: {reason}." if within else f"[{TABLE}]: {reason}."
