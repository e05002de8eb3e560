"""The policy as data: its defaults, its bounds, and its digest."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from guardrails.policy import Freeze, Policy, in_words
from payments.action import ActionKind
from payments.verdict import Mode

AT = datetime(2026, 12, 24, tzinfo=UTC)


def refusal(**limits: Any) -> str:  # noqa: ANN401 - anything that a file may hold
    """Give the sentence with which limits are refused."""
    with pytest.raises(ValidationError) as raised:
        Policy.model_validate(limits)
    problem = raised.value.errors()[0]
    return in_words(problem, problem["loc"])


def test_the_defaults_are_the_documented_limits() -> None:
    policy = Policy()
    assert policy.confidence_threshold == 0.8
    assert policy.max_autonomous_volume == 5000
    assert [policy.allowed_in(mode) for mode in Mode] == [frozenset(ActionKind)] * 3


def test_a_fault_that_stays_behind_on_its_route_is_rerouted_alone_and_no_other() -> None:
    assert Policy().rerouting_heals == {
        "psp_outage", "psp_issuer_link", "psp_brownout", "expired_cert", "routing_misconfig",
    }  # fmt: skip
    assert not Policy().rerouting_heals & Policy().rerouting_harms


def test_each_mode_has_its_own_list_of_allowed_kinds() -> None:
    alert, none = frozenset({ActionKind.ALERT}), frozenset({ActionKind.NONE})
    policy = Policy(allowed_in_shadow=alert, allowed_in_copilot=none)
    assert policy.allowed_in(Mode.SHADOW) == alert
    assert policy.allowed_in(Mode.COPILOT) == none
    assert policy.allowed_in(Mode.AUTOPILOT) == frozenset(ActionKind)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"probe_share": 1.2}, "guardrails.probe_share = 1.2 is not allowed: Input should be less than"),
        ({"cool_down_s": -1}, "guardrails.cool_down_s = -1 is not allowed: Input should be greater than"),
        ({"cool_down_s": float("nan")}, "guardrails.cool_down_s = nan is not allowed: "),
        ({"max_expires_after_s": float("inf")}, "guardrails.max_expires_after_s = inf is not allowed: "),
        ({"max_target_load": "all"}, "guardrails.max_target_load = 'all' is not allowed: Input should be a "),
        (
            {"max_target_load": True},
            "guardrails.max_target_load = True is not allowed: true and false are no",
        ),
        ({"max_target_lod": 1}, "guardrails.max_target_lod = 1 is no limit; did you mean max_target_load?"),
        ({"zzz": 1}, "guardrails.zzz = 1 is no limit; the limits are version, confidence_threshold, "),
        ({"allowed_in_copilot": ["refund"]}, "guardrails.allowed_in_copilot.0 = 'refund' is not allowed: "),
        ({"version": ""}, "guardrails.version = '' is not allowed: "),
        (
            {"min_expires_after_s": 900, "max_expires_after_s": 300},
            "[guardrails]: min_expires_after_s 900.0 exceeds max_expires_after_s 300.0.",
        ),
        (
            {"max_share_of_total_moved": 0.5, "max_cumulative_share_moved": 0.4},
            "[guardrails]: max_share_of_total_moved 0.5 exceeds max_cumulative_share_moved 0.4.",
        ),
        ({"freezes": [{"start": AT}]}, "guardrails.freezes.0.end = "),
        ({"freezes": [{"start": AT, "end": AT}]}, "guardrails.freezes.0 = "),
        (
            {"freezes": [{"start": AT, "end": AT + timedelta(1), "by": "x"}]},
            "guardrails.freezes.0.by = 'x' is",
        ),
    ],
    ids=str,
)
def test_a_wrong_limit_is_named_with_its_value_and_what_is_allowed(limits: dict[str, Any], said: str) -> None:
    assert refusal(**limits).startswith(said)


def test_the_label_names_the_version_and_the_first_digits_of_the_digest() -> None:
    policy = Policy(version="2026-11 bank")
    assert policy.label == f"2026-11 bank:{policy.digest[:12]}"
    assert len(policy.digest) == 64


def test_the_digest_does_not_depend_on_the_order_in_which_a_set_is_written() -> None:
    causes = ["psp_outage", "expired_cert", "psp_brownout", "a", "b", "c"]
    one, other = (
        Policy.model_validate({"rerouting_heals": order, "allowed_in_shadow": kinds})
        for order, kinds in (
            (causes, list(ActionKind)),
            (causes[::-1], list(ActionKind)[::-1]),
        )
    )
    assert one.digest == other.digest


@given(name=st.sampled_from(sorted(set(Policy.model_fields) - {"version"})))
def test_any_other_limit_gives_another_digest(name: str) -> None:
    default = getattr(Policy(), name)
    other: Any = default
    if isinstance(default, frozenset):
        other = frozenset(sorted(default)[1:])
    elif name == "rollout_steps":
        other = (0.5, 1.0)
    elif isinstance(default, tuple):
        other = (Freeze(start=AT, end=AT + timedelta(days=9)),)
    else:
        other = default + 1
    assert Policy().model_copy(update={name: other}).digest != Policy().digest


def test_what_is_written_as_json_is_read_as_the_same_policy() -> None:
    policy = Policy(freezes=(Freeze(start=AT, end=AT + timedelta(days=9), why="year end"),), probe_share=0.1)
    assert Policy.model_validate_json(policy.model_dump_json()) == policy


@pytest.mark.parametrize("steps", [[], [0.5], [0.5, 0.2, 1.0], [0.1, 0.1, 1.0], [0.0, 1.0]])
def test_a_rollout_rises_to_all_of_it(steps: list[float]) -> None:
    with pytest.raises(ValidationError, match="rollout_steps"):
        Policy.model_validate({"rollout_steps": steps})
