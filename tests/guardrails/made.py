"""Facts made up for tests: by default a reroute that every rule lets pass."""

from typing import Any

from guardrails.checks import run_checks
from guardrails.facts import Facts
from guardrails.policy import Policy
from payments.action import Action
from payments.verdict import Check
from tests.payments.made import ROUTES, TOTAL, WINDOW_S, diagnosis, plan, reroute


def facts(action: Action | None = None, **changes: Any) -> Facts:  # noqa: ANN401 - the fields of Facts
    """Make facts that pass, but for the changes."""
    given = {
        "diagnosis": diagnosis(),
        "plan": plan(action or reroute()),
        "routes": ROUTES,
        "window_s": WINDOW_S,
        "total_attempts_per_window": TOTAL,
        "data_age_s": 5.0,
        "ticks_learned": 720,
        "changes_traffic": True,
    }
    return Facts.model_validate(given | changes)


def failed(given: Facts, policy: Policy | None = None) -> dict[str, str]:
    """Name the rules that do not pass, with what their failure means."""
    return {
        check.name: check.on_failure for check in run_checks(given, policy or Policy()) if not check.passed
    }


def check(name: str, given: Facts, policy: Policy | None = None) -> Check:
    """Run all rules and give the named one."""
    return next(check for check in run_checks(given, policy or Policy()) if check.name == name)
