"""For each rule: what it alone stops, and the last that passes beside the first that fails."""

from datetime import timedelta
from typing import Any, NamedTuple

from guardrails.policy import Freeze, Policy
from payments.action import ActionKind, AdjustRetryPolicy, Suppress
from payments.diagnosis import Category, Hypothesis
from payments.route import Route
from payments.segment import Segment
from payments.verdict import Mode
from tests.payments.made import ALPHA, AT, LINK, ROUTES, diagnosis, plan, reroute, route, tally

RETRY = AdjustRetryPolicy(scope=ALPHA, max_attempts=2, backoff_s=30.0)
STORM = diagnosis("retry_storm")
HOUR = timedelta(hours=1)
IN_BRAZIL = Segment.of(country="BR", network="mastercard", psp="alpha")
"""Mastercard allows seven retries there."""
SMALL = {"diagnosis": diagnosis(counted=tally(600)), "total_attempts_per_window": 600.0}
"""A scope that is all traffic there is."""
ANY_SHARE = Policy(max_share_of_total_moved=1.0, max_cumulative_share_moved=1.0)


def changed(index: int, **fields: Any) -> tuple[Route, ...]:  # noqa: ANN401 - the fields of Route
    """Give alpha, beta and gamma, one of them changed."""
    return tuple(
        one.model_copy(update=fields) if number == index else one for number, one in enumerate(ROUTES[:3])
    )


def dearer(bps: float) -> tuple[Route, ...]:
    """Give the routes with one target that costs more than the source."""
    return changed(2, fee_bps=bps)


def promised(share: float, to_date: float | None) -> tuple[Route, ...]:
    """Give the routes with a promise to the source."""
    return changed(0, committed_share=share, share_to_date=to_date)


def in_brazil(attempts: int) -> dict[str, Any]:
    """Let cards of Brazil be tried so often."""
    action = AdjustRetryPolicy(scope=IN_BRAZIL, max_attempts=attempts, backoff_s=0.0)
    return {"plan": plan(action), "diagnosis": diagnosis("acs_outage", IN_BRAZIL, counted=tally(600))}


def beside(cause: str, culprit: Segment, probability: float) -> dict[str, Any]:
    """Let there be another fault at the same time."""
    other = Hypothesis(cause=cause, category=Category.USER, culprit=culprit, probability=probability)
    return {"diagnosis": diagnosis().model_copy(update={"others": (other,)})}


class Alone(NamedTuple):
    """A case that one rule stops and no other."""

    name: str
    on_failure: str
    changes: dict[str, Any]
    policy: Policy = Policy()


ALONE = [
    Alone("allowed", "block", {}, Policy(allowed_in_autopilot=frozenset({ActionKind.ALERT}))),
    Alone("allowed", "block", {"mode": Mode.SHADOW, "changes_traffic": False},
          Policy(allowed_in_shadow=frozenset())),
    Alone("confidence", "ask", {"diagnosis": diagnosis(confidence=0.7999)}),
    Alone("kill_switch", "block", {"kill_switch_on": True}),
    Alone("mode", "ask", {"mode": Mode.COPILOT}),
    Alone("mode", "block", {"mode": Mode.SHADOW}),
    Alone("freeze", "second", {}, Policy(freezes=(Freeze(start=AT - HOUR, end=AT + HOUR),))),
    Alone("proposal_age", "block", {"proposal_age_s": 900.1}),
    Alone("volume", "ask", {"plan": plan(RETRY), "diagnosis": diagnosis("retry_storm", counted=tally(5001))}),
    Alone("within_culprit", "ask",
          {"plan": plan(RETRY), "diagnosis": diagnosis("retry_storm", LINK, counted=tally(600)),
           "total_attempts_per_window": 4000.0}),
    Alone("benefit", "ask", {"plan": plan(reroute(), mean=0.0)}),
    Alone("benefit", "ask", {"plan": plan(reroute(), mean=-5.0)}),
    Alone("downside", "ask", {"plan": plan(reroute(), mean=50.0, low=-50.1)}),
    Alone("data_age", "ask", {"data_age_s": 120.1}),
    Alone("baseline", "ask", {"ticks_learned": 59}),
    Alone("expiry", "ask", {"plan": plan(reroute(), expires_after_s=3600.1)}),
    Alone("expiry", "ask", {"plan": plan(reroute(), expires_after_s=59.9)}),
    Alone("cool_down", "ask", {"seconds_since_last_on_scope": 59.9}),
    Alone("actions_per_hour", "ask", {"actions_last_hour": 10}),
    Alone("reverts_per_hour", "ask", {"reverts_last_hour": 3}),
    Alone("repetition", "ask", {"ineffective_before": 2}),
    Alone("rejection", "ask", {"rejected_before": 1}),
    Alone("retries", "block",
          {"plan": plan(RETRY.model_copy(update={"max_attempts": 3})), "diagnosis": STORM}),
    Alone("retry_fees", "ask", in_brazil(9)),
    Alone("cause_heals", "block", {"diagnosis": diagnosis("issuer_outage")}),
    Alone("cause_heals", "block", {"diagnosis": diagnosis("user_mix")}),
    Alone("cause_heals", "block", {"diagnosis": diagnosis("webhook_lag")}),
    Alone("cause_heals", "ask", {"diagnosis": diagnosis("card_network_outage")}),
    Alone("cause_heals", "ask", {"diagnosis": diagnosis("never seen")}),
    Alone("card_testing", "block", {"diagnosis": diagnosis("card_testing")},
          Policy(rerouting_heals=frozenset({"card_testing"}), rerouting_harms=frozenset(),
                 rerouting_harms_categories=frozenset())),
    Alone("card_testing", "ask", {"diagnosis": diagnosis(rivals=(("card_testing", 0.2001),))}),
    Alone("card_testing", "ask", beside("card_testing", ALPHA, 0.9)),
    Alone("unknown_outcomes", "ask",
          {"diagnosis": diagnosis(counted=tally(failure_rate=0.5, pending_rate=0.41))}),
    Alone("share_of_total", "ask", SMALL | {"plan": plan(reroute(0.51))}),
    Alone("cumulative_share", "ask", {"share_moved_already": 0.4751}),
    Alone("four_eyes", "second", SMALL | {"plan": plan(reroute(0.61))}, ANY_SHARE),
    Alone("targets_known", "block", {"plan": plan(reroute(to={"beta": 0.5, "omega": 0.5}))}),
    Alone("targets_known", "block", {"plan": plan(reroute(to={"beta": 0.5, "gamma": 0.4}))}),
    Alone("targets_known", "block", {"plan": plan(reroute(0.1, to={"gamma": 1.0}, source="beta"))}),
    Alone("eligible", "block", {"routes": changed(2, methods=("card",))}),
    Alone("eligible", "block", {"routes": changed(2, countries=("IN",))}),
    Alone("eligible", "block",
          {"routes": changed(2, currencies=("EUR",)),
           "plan": plan(reroute()).model_copy(update={"currency": "INR"})}),
    Alone("targets_better", "ask", {"routes": changed(2, success_rate=0.1)}),
    Alone("targets_better", "ask", {"routes": changed(2, success_rate=None)}),
    Alone("targets_better", "ask", {"routes": changed(2, scope_success=0.1)}),
    Alone("capacity", "block", {"routes": changed(2, capacity_per_s=62.0)}),
    Alone("capacity", "ask", {"routes": changed(2, capacity_per_s=None)}),
    Alone("capacity", "block", {"plan": plan(Suppress(scope=ALPHA))}),
    Alone("capacity", "ask",
          {"plan": plan(Suppress(scope=ALPHA)), "routes": (*ROUTES[:3], route("delta", capacity=None))}),
    Alone("probe", "ask", {"plan": plan(reroute(0.9801)), "diagnosis": diagnosis(counted=tally(1500))}),
    Alone("alternative", "ask",
          {"plan": plan(Suppress(scope=Segment.of(issuer="northbank"))),
           "diagnosis": diagnosis("routing_misconfig", Segment.of(issuer="northbank"), counted=tally(600))}),
    Alone("cost", "ask", {"routes": dearer(44.5)}),
    Alone("commitment", "ask", {"routes": promised(0.25, 0.25)}),
    Alone("commitment", "ask", {"routes": promised(0.25, None)}),
]  # fmt: skip


class Boundary(NamedTuple):
    """The last case that a rule lets pass, and the first that it does not."""

    name: str
    passes: dict[str, Any]
    fails: dict[str, Any]
    policy: Policy = Policy()


# One route takes all of alpha's payments but the probe, if its capacity allows: 25 more beside its 50.
TO_BETA = reroute(0.5, {"beta": 1.0})
SLOW_SOURCE = {"diagnosis": diagnosis(counted=tally(failure_rate=0.2))}
"""It succeeds at 80 %, so a target is filled to 95 % only."""
ELAPSED_S = 129_600.0
"""Of the month: one day and a half."""


def to_beta(capacity: float, **limits_per_s: float) -> dict[str, Any]:
    """Move to one route of this capacity."""
    action = TO_BETA.model_copy(update={"limits_per_s": limits_per_s})
    return {"plan": plan(action), "routes": (ROUTES[0], route("beta", capacity=capacity))}


BOUNDARIES = [
    Boundary("confidence", {"diagnosis": diagnosis(confidence=0.8)},
             {"diagnosis": diagnosis(confidence=0.7999)}),
    Boundary("freeze", {"at": AT + HOUR}, {"at": AT + HOUR - timedelta(microseconds=1)},
             Policy(freezes=(Freeze(start=AT, end=AT + HOUR),))),
    Boundary("freeze", {"at": AT - timedelta(microseconds=1)}, {"at": AT},
             Policy(freezes=(Freeze(start=AT, end=AT + HOUR),))),
    Boundary("proposal_age", {"proposal_age_s": 900.0}, {"proposal_age_s": 900.01}),
    Boundary("volume", {"diagnosis": diagnosis(attempts_per_window=5000.0)},
             {"diagnosis": diagnosis(attempts_per_window=5001.0)}),
    Boundary("benefit", {"plan": plan(reroute(), mean=0.001)}, {"plan": plan(reroute(), mean=0.0)}),
    Boundary("downside", {"plan": plan(reroute(), mean=50.0, low=-50.0)},
             {"plan": plan(reroute(), mean=50.0, low=-50.01)}),
    Boundary("data_age", {"data_age_s": 120.0}, {"data_age_s": 120.01}),
    Boundary("baseline", {"ticks_learned": 60}, {"ticks_learned": 59}),
    Boundary("expiry", {"plan": plan(reroute(), expires_after_s=60.0)},
             {"plan": plan(reroute(), expires_after_s=59.0)}),
    Boundary("expiry", {"plan": plan(reroute(), expires_after_s=3600.0)},
             {"plan": plan(reroute(), expires_after_s=3601.0)}),
    Boundary("cool_down", {"seconds_since_last_on_scope": 60.0}, {"seconds_since_last_on_scope": 59.99}),
    Boundary("actions_per_hour", {"actions_last_hour": 9}, {"actions_last_hour": 10}),
    Boundary("reverts_per_hour", {"reverts_last_hour": 2}, {"reverts_last_hour": 3}),
    Boundary("repetition", {"ineffective_before": 1}, {"ineffective_before": 2}),
    Boundary("rejection", {"rejected_before": 0}, {"rejected_before": 1}),
    Boundary("retries", {"plan": plan(RETRY), "diagnosis": STORM},
             {"plan": plan(RETRY.model_copy(update={"max_attempts": 3})), "diagnosis": STORM}),
    Boundary("retry_fees", in_brazil(8), in_brazil(9)),
    # One attempt beyond the cap at 0.50 each: 10 attempts a second for 900 s, 9 of 10 fail.
    Boundary("retry_fees", in_brazil(9), in_brazil(10), Policy(max_retry_fees_minor=405_000)),
    Boundary("card_testing", {"diagnosis": diagnosis(rivals=(("card_testing", 0.2),))},
             {"diagnosis": diagnosis(rivals=(("card_testing", 0.2001),))}),
    Boundary("unknown_outcomes", {"diagnosis": diagnosis(counted=tally(failure_rate=0.5, pending_rate=0.4))},
             {"diagnosis": diagnosis(counted=tally(failure_rate=0.5, pending_rate=0.401))}),
    Boundary("share_of_total", SMALL | {"plan": plan(reroute(0.5))}, SMALL | {"plan": plan(reroute(0.501))}),
    # An eighth of all traffic moves.
    Boundary("cumulative_share", {"share_moved_already": 0.475}, {"share_moved_already": 0.4751}),
    Boundary("four_eyes", SMALL | {"plan": plan(reroute(0.6))}, SMALL | {"plan": plan(reroute(0.601))}),
    Boundary("targets_known", {"plan": plan(reroute(to={"beta": 0.5, "gamma": 0.5000005}))},
             {"plan": plan(reroute(to={"beta": 0.5, "gamma": 0.500002}))}),
    Boundary("targets_better", {"routes": changed(2, success_rate=0.1001)},
             {"routes": changed(2, success_rate=0.1)}),
    Boundary("capacity", to_beta(75.0), to_beta(74.9)),
    Boundary("capacity", SLOW_SOURCE | to_beta(75.0 / 0.95), SLOW_SOURCE | to_beta(78.9)),
    # A limit keeps the target within, whatever the share.
    Boundary("capacity", to_beta(62.0, beta=12.0), to_beta(62.0, beta=12.1)),
    Boundary("probe", {"plan": plan(reroute(0.98))}, {"plan": plan(reroute(0.9801))}),
    # 22,500 payments move and 1,000 are saved, a tenth of whose amount is earned.
    Boundary("cost", {"routes": dearer(100 / 2.25)}, {"routes": dearer(44.45)}),
    # 900 s of an eighth of the traffic after a day and a half of this month.
    Boundary("commitment", {"routes": promised(0.25 - 0.125 * 900.0 / (ELAPSED_S + 900.0), 0.25)},
             {"routes": promised(0.25 - 0.124 * 900.0 / (ELAPSED_S + 900.0), 0.25)}),
]  # fmt: skip
