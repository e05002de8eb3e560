"""How often and for how long the crew may act alone."""

from guardrails.comparing import at_least, at_most
from guardrails.facts import Facts
from guardrails.policy import Policy
from payments.verdict import Check


def expiry(facts: Facts, policy: Policy) -> Check:
    """An action on traffic undoes itself, neither at once nor next week."""
    after, low, high = facts.plan.expires_after_s, policy.min_expires_after_s, policy.max_expires_after_s
    if after < low:
        return at_least("expiry", "Time to expiry in seconds", after, low)
    return at_most("expiry", "Time to expiry in seconds", after, high)


def cool_down(facts: Facts, policy: Policy) -> Check | None:
    """Let the last change on the scope show what it does before the next."""
    since = facts.seconds_since_last_on_scope
    if since is None:
        return None
    return at_least(
        "cool_down", "Time since the scope was last changed, in seconds,", since, policy.cool_down_s
    )


def actions_per_hour(facts: Facts, policy: Policy) -> Check:
    """Act rarely: many actions in an hour are a sign that none of them is the right one."""
    what = "Number of actions in an hour, with this one,"
    return at_most("actions_per_hour", what, facts.actions_last_hour + 1, policy.max_actions_per_hour)


def reverts_per_hour(facts: Facts, policy: Policy) -> Check:
    """Pause when actions had to be undone: the next one would be one more, should it fail too."""
    what = "Number of undone actions in an hour, should this one be undone too,"
    return at_most("reverts_per_hour", what, facts.reverts_last_hour + 1, policy.max_reverts_per_hour)


def repetition(facts: Facts, policy: Policy) -> Check:
    """Ask somebody before trying again what did not work."""
    what = f"Number of times that {facts.action.kind} on {facts.action.scope} did not help before"
    return at_most("repetition", what, facts.ineffective_before, policy.max_ineffective_repeats)


def rejection(facts: Facts, policy: Policy) -> Check:
    """Ask somebody before doing what a human refused before."""
    what = f"Number of similar incidents in which a human refused {facts.action.kind} on {facts.action.scope}"
    return at_most("rejection", what, facts.rejected_before, policy.max_rejections_before)
