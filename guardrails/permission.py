"""Whether the crew may act at all, now and in this mode."""

from guardrails.comparing import at_most, holds
from guardrails.facts import Facts
from guardrails.policy import Policy
from payments.verdict import Check, Mode


def allowed(facts: Facts, policy: Policy) -> Check:
    """Only the kinds of action that the policy lists for the mode."""
    kind, mode = facts.action.kind, facts.mode
    passed = kind in policy.allowed_in(mode)
    sentence = f"In {mode} mode {kind} is {'an' if passed else 'not an'} allowed action."
    return holds("allowed", sentence, passed=passed, on_failure="block")


def kill_switch(facts: Facts, policy: Policy) -> Check:  # noqa: ARG001 - a rule takes both
    """Nothing is written to traffic while the kill switch is on."""
    on = facts.kill_switch_on
    sentence = f"The kill switch is {'on: nothing may be changed until it is turned off' if on else 'off'}."
    return holds("kill_switch", sentence, passed=not on, on_failure="block")


def mode(facts: Facts, policy: Policy) -> Check:  # noqa: ARG001 - a rule takes both
    """In copilot mode a human approves each action; in shadow mode nothing may reach traffic."""
    match facts.mode:
        case Mode.COPILOT:
            return holds("mode", "In copilot mode a human approves each action.", passed=False)
        case Mode.SHADOW if facts.changes_traffic:
            sentence = "In shadow mode nothing is touched, and this actuator changes traffic."
            return holds("mode", sentence, passed=False, on_failure="block")
        case _ if not facts.changes_traffic:
            return holds("mode", "The actuator only records: no payment is moved.", passed=True)
        case _:
            return holds("mode", "In autopilot mode the crew acts within the guardrails.", passed=True)


def freeze(facts: Facts, policy: Policy) -> Check:
    """In a change freeze two people decide, as for any emergency change."""
    held = next((one for one in policy.freezes if one.start <= facts.now < one.end), None)
    sentence = (
        f"Changes are frozen until {held.end:%Y-%m-%d %H:%M %Z}: {held.why}" if held else "No change freeze."
    )
    return holds("freeze", sentence, passed=held is None, on_failure="second")


def proposal_age(facts: Facts, policy: Policy) -> Check | None:
    """Never act on a proposal whose fault nobody has seen for long, unless it is only recorded."""
    if not facts.changes_traffic:
        return None
    what = "Time since the fault was last seen to go on, in seconds,"
    return at_most("proposal_age", what, facts.proposal_age_s, policy.max_proposal_age_s, "block")
