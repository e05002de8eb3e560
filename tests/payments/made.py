"""Incidents made up for tests: four routes of 50 attempts a second each, with room for 15 more each."""

from datetime import UTC, datetime, timedelta

from payments.action import Action, Reroute
from payments.diagnosis import Category, Diagnosis, Hypothesis
from payments.plan import Interval, Plan
from payments.route import Route
from payments.segment import Segment
from payments.tally import Tally

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ALPHA = Segment.of(psp="alpha")
LINK = Segment.of(issuer="northbank", psp="alpha")
WINDOW_S = 60.0
TOTAL = 12_000.0
"""Attempts of all traffic per window."""

CATEGORY = {
    "issuer_outage": Category.ISSUER,
    "psp_outage": Category.NETWORK_OR_SYSTEM,
    "psp_issuer_link": Category.NETWORK_OR_SYSTEM,
    "card_network_outage": Category.NETWORK_OR_SYSTEM,
    "retry_storm": Category.RETRY_OR_ROUTING,
    "routing_misconfig": Category.RETRY_OR_ROUTING,
    "user_mix": Category.USER,
    "card_testing": Category.USER,
    "acs_outage": Category.NETWORK_OR_SYSTEM,
    "expired_cert": Category.NETWORK_OR_SYSTEM,
    "settlement_cutover": Category.ISSUER,
    "planned_maintenance": Category.NETWORK_OR_SYSTEM,
    "holiday_surge": Category.NO_INCIDENT,
    "code_mix_drift": Category.NO_INCIDENT,
    "webhook_lag": Category.OUR_DATA,
    "fraud_rule_push": Category.RETRY_OR_ROUTING,
    "method_outage": Category.NETWORK_OR_SYSTEM,
    "psp_brownout": Category.NETWORK_OR_SYSTEM,
    "noise": Category.NO_INCIDENT,
}


def tally(
    attempts: int = 3000,
    failure_rate: float = 0.9,
    *,
    usual: float = 0.1,
    pending_rate: float = 0.0,
    forecast: float | None = None,
) -> Tally:
    """Count one window in the culprit."""
    return Tally(
        attempts=attempts,
        failures=round(attempts * failure_rate),
        pending=round(attempts * pending_rate),
        expected_attempts=attempts if forecast is None else forecast,
        expected_failures=attempts * usual,
        ticks=12,
    )


def diagnosis(
    cause: str = "psp_outage",
    culprit: Segment = ALPHA,
    confidence: float = 0.9,
    *,
    counted: Tally | None = None,
    rivals: tuple[tuple[str, float], ...] = (),
    attempts_per_window: float | None = None,
) -> Diagnosis:
    """Make a diagnosis; `rivals` are other causes with their probabilities."""
    counted = counted or tally()
    ranked = ((cause, confidence), *rivals)
    return Diagnosis(
        at=AT,
        since=AT - timedelta(seconds=60),
        culprit=culprit,
        cause=cause,
        category=CATEGORY.get(cause, Category.NETWORK_OR_SYSTEM),
        confidence=confidence,
        shape={},
        hypotheses=tuple(
            Hypothesis(
                cause=name,
                category=CATEGORY.get(name, Category.NETWORK_OR_SYSTEM),
                culprit=culprit,
                probability=probability,
            )
            for name, probability in ranked
        ),
        evidence=(),
        share_explained=0.95,
        complement_normal=True,
        tally=counted,
        attempts_per_window=counted.attempts if attempts_per_window is None else attempts_per_window,
        sentence=f"{culprit} fails.",
    )


def route(
    name: str,
    *,
    capacity: float | None = 65.0,
    load: float = 50.0,
    success: float | None = 0.9,
    fee_bps: float = 0.0,
    methods: tuple[str, ...] = (),
) -> Route:
    """Make a route."""
    return Route(
        name=name,
        capacity_per_s=capacity,
        load_per_s=load,
        success_rate=success,
        fee_bps=fee_bps,
        methods=methods,
    )


ROUTES = (route("alpha", success=0.1), route("beta"), route("gamma"), route("delta"))


def reroute(
    share: float = 0.5, to: dict[str, float] | None = None, scope: Segment = ALPHA, source: str = "alpha"
) -> Reroute:
    """Move half of alpha's payments to beta and gamma."""
    return Reroute(scope=scope, from_route=source, to=to or {"beta": 0.5, "gamma": 0.5}, share=share)


def plan(
    action: Action, *, mean: float = 1000.0, low: float | None = None, expires_after_s: float = 900.0
) -> Plan:
    """Make a plan that expects to save payments, at least half of them unless `low` is given."""
    least = min(mean, mean / 2) if low is None else low
    saved = Interval(low=least, mean=mean, high=max(0.0, mean * 2))
    return Plan(action=action, payments_saved=saved, expires_after_s=expires_after_s, reason="It helps.")
