"""How much of all traffic the crew may touch."""

from guardrails.comparing import at_most
from guardrails.facts import Facts
from guardrails.policy import Policy
from payments.verdict import Check


def volume(facts: Facts, policy: Policy) -> Check:
    """Few enough attempts in the scope to act alone; retries count, so it errs towards asking."""
    what = "Attempts per window in the scope"
    return at_most("volume", what, facts.attempts_in_scope, policy.max_autonomous_volume)


def share_of_total(facts: Facts, policy: Policy) -> Check:
    """Move little enough of all traffic to act alone."""
    what = "Share of all traffic that moves"
    return at_most("share_of_total", what, facts.share_of_total_moved, policy.max_share_of_total_moved)


def cumulative_share(facts: Facts, policy: Policy) -> Check:
    """The same for all actions in force together."""
    share = facts.share_moved_already + facts.share_of_total_moved
    what = "Share of all traffic that moves, with the other actions in force,"
    return at_most("cumulative_share", what, share, policy.max_cumulative_share_moved)


def four_eyes(facts: Facts, policy: Policy) -> Check:
    """A move that could stop the business takes two people."""
    what = "Share of all traffic that moves, for one pair of eyes,"
    return at_most("four_eyes", what, facts.share_of_total_moved, policy.four_eyes_above_share, "second")
