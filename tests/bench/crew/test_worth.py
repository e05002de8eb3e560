"""From played episodes to the numbers that are reported."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.crew.played import (
    AUTOPILOT,
    MINUTES_BEFORE,
    NOTHING,
    ORACLE,
    Act,
    Deeds,
    Played,
    Results,
    Said,
    Task,
)
from bench.crew.worth import gains
from bench.crew.worth.conduct import Pair, conduct, restraint
from bench.crew.worth.leftovers import leftovers, parts
from bench.crew.worth.summary import summarise
from payments.action import ActionKind
from tests.bench.crew.made_up import SAVES, played, results, with_saved

BENCH_KEYS = {
    "name", "saved_share", "saved_share_ci", "money_saved_share", "detection_delay_s_median",
    "harmful_actions", "harmful_share", "needless_reroutes", "action_precision",
    "false_actions_per_week", "ece",
}  # fmt: skip


def act(*, right: bool = True, lost: int | None = None, at_s: float = 30.0) -> Act:
    return Act(ActionKind.REROUTE, "psp=alpha", at_s, right, lost)


def pair(saved: int, deeds: Deeds, kind: str = "psp_outage") -> Pair:
    return Pair(played(Task(kind, 1, AUTOPILOT), saved, deeds), played(Task(kind, 1, NOTHING), 0))


def test_the_summary_has_the_published_keys_and_is_plain_json() -> None:
    found = json.loads(json.dumps(summarise(results()), allow_nan=False))
    assert [policy["name"] for policy in found["policies"]] == list(SAVES)
    assert all(policy.keys() >= BENCH_KEYS for policy in found["policies"])
    assert found["per_signature"][0].keys() >= {"signature", "policy", "saved_share"}
    assert found["traps"].keys() >= {"episodes", "actions", "payments_lost_share"}
    assert found["episodes"] == 16


def test_the_summary_knows_the_ranking_that_was_made_up() -> None:
    policies = {row["name"]: row for row in json.loads(json.dumps(summarise(results(8))))["policies"]}
    for name, share in SAVES.items():
        assert policies[name]["saved_share"] == pytest.approx(share, abs=0.06)
    assert policies["static_threshold"]["crew_leads_by_ci"][0] > 0.0
    assert policies["success_rate"]["crew_leads_by"] == pytest.approx(0.3, abs=0.1)


def test_only_kinds_with_something_to_save_have_a_share() -> None:
    found = summarise(results())
    assert {row["signature"] for row in _rows(found["per_signature"])} == {"psp_outage", "gray"}
    counts = {str(row["signature"]): row["counts"] for row in _rows(found["kinds"])}
    assert counts == {"gray": True, "issuer_outage": False, "psp_outage": True, "user_mix": False}


def test_a_kind_whose_own_fault_has_no_action_has_no_share_though_a_second_fault_may() -> None:
    plain = results()
    alerted = {
        task: replace(one, truth=replace(one.truth, right=(ActionKind.ALERT,))) if task.seed == 1 else one
        for task, one in plain.by_task.items()
        if task.drawn == "gray"
    }
    found = summarise(Results.gathered({**plain.by_task, **alerted}.values(), plain.policies))
    assert {row["signature"] for row in _rows(found["per_signature"])} == {"psp_outage"}


def _rows(found: object) -> list[dict[str, object]]:
    assert isinstance(found, list)
    return found


def test_what_a_router_gains_without_a_fault_is_taken_off() -> None:
    plain = results()
    every = {
        task: with_saved(one, one.whole.succeeded - 350_000 + 50) if task.policy == "success_rate" else one
        for task, one in plain.by_task.items()
    }
    lucky = Results.gathered(every.values(), plain.policies)
    some, same = (gains.saved_by(one, "success_rate", gains.payments).tolist() for one in (plain, lucky))
    assert some == same


def test_money_is_what_went_through_less_fees_and_fines() -> None:
    score = played(Task("gray", 1, NOTHING), 0).whole
    fined = replace(score, retries_beyond_limits=3)
    assert gains.money(score) == pytest.approx(350_000 * (3_000 - 6))
    assert gains.money(score) - gains.money(fined) == pytest.approx(150.0)


def test_an_action_is_harmful_when_more_payments_succeed_without_it() -> None:
    deeds = Deeds(acts=(act(lost=-500), act(lost=20)))
    told = conduct([pair(480, deeds)])
    assert (told["actions"], told["harmful_actions"], told["harmful_share"]) == (2, 1, 0.5)
    assert told["payments_lost_by_harmful_actions"] == 20


def test_actions_that_were_not_replayed_are_judged_by_their_episode() -> None:
    bad, good = pair(-30, Deeds(acts=(act(), act()))), pair(30, Deeds(acts=(act(),)))
    told = conduct([bad, good])
    assert (told["actions"], told["harmful_actions"]) == (3, 2)
    assert told["payments_lost_by_harmful_actions"] == 30


def test_of_a_router_losses_are_counted_and_no_actions() -> None:
    told = conduct([pair(-30, Deeds()), pair(50, Deeds())], acts=False)
    assert (told["actions"], told["harmful_actions"], told["false_actions_per_week"]) == (None, None, None)
    assert (told["episodes_with_losses"], told["payments_lost_in_these"]) == (1, 30)


def test_a_fault_that_was_missed_counts_as_found_last() -> None:
    times = [10.0, 20.0, None]
    assert conduct([pair(0, Deeds(detected_s=at)) for at in times])["detection_delay_s_median"] == 20.0
    missed = [pair(0, Deeds(detected_s=at)) for at in (10.0, None, None)]
    assert conduct(missed)["detection_delay_s_median"] is None


def test_traps_delay_no_detection_and_are_where_false_actions_are_counted() -> None:
    trap = pair(0, Deeds(acts=(act(right=False, lost=4),)), kind="user_mix")
    told = conduct([trap, pair(0, Deeds(detected_s=5.0))])
    assert told["detection_delay_s_median"] == 5.0
    assert told["false_actions_per_week"] == pytest.approx(168.0 / 1.25)


def test_a_reroute_in_an_issuer_outage_is_needless_unless_another_fault_asks_for_it() -> None:
    needless, needed = act(right=False, lost=1), act(right=True, lost=-1)
    told = conduct([pair(0, Deeds(acts=(needless, needed)), kind="issuer_outage")])
    assert told["needless_reroutes"] == 1


def test_losses_where_nothing_must_be_done_are_not_made_up_for_elsewhere() -> None:
    calm = [
        pair(-40, Deeds(acts=(act(right=False, lost=40),)), "user_mix"),
        pair(1_000, Deeds(), "card_testing"),
    ]
    told = restraint([*calm, pair(-9_999, Deeds())])
    assert (told["episodes"], told["actions"], told["payments_lost"]) == (2, 1, 40)
    assert told["payments_lost_share"] == pytest.approx(40 / 800_000)
    assert told["payments_lost_net"] == -960


def test_confidence_is_compared_over_all_diagnoses_but_accuracy_over_the_first_of_each_fault() -> None:
    early = Said("user_mix", -60.0, 0.8, category_right=False, culprit_right=False, meets=False)
    first = Said("psp_outage", 20.0, 0.9, category_right=True, culprit_right=True, meets=True)
    later = Said("psp_outage", 90.0, 0.9, category_right=True, culprit_right=False, meets=True)
    told = conduct([pair(0, Deeds(said=(early, first, later)))])
    assert (told["diagnoses"], told["category_accuracy"], told["culprit_accuracy"]) == (3, 1.0, 1.0)
    assert told["ece"] == pytest.approx((0.8 + 2 * 0.4) / 3)


@pytest.mark.parametrize(
    ("deeds", "why"),
    [
        (Deeds(), "not found"),
        (Deeds(detected_s=9.0), "left alone"),
        (Deeds(detected_s=9.0, questions=1), "asked and not answered"),
        (Deeds(detected_s=9.0, acts=(act(right=False),), questions=1), "wrong action"),
    ],
)
def test_what_is_left_without_a_right_action_has_one_reason(deeds: Deeds, why: str) -> None:
    best = played(Task("gray", 1, ORACLE), 900)
    assert parts(pair(0, deeds, "gray").played, best) == {why: 900}


def test_what_is_left_by_a_late_action_is_told_from_what_its_limits_left() -> None:
    best, some = played(Task("gray", 1, ORACLE), 900), played(Task("gray", 1, AUTOPILOT), 450)
    minutes = list(best.course.succeeded)
    minutes[MINUTES_BEFORE + 1] -= 70  # the second minute after the onset
    minutes[MINUTES_BEFORE + 9] -= 380
    late = replace(
        some,
        course=replace(best.course, succeeded=tuple(minutes)),
        deeds=Deeds(detected_s=80.0, acts=(act(right=False, at_s=70.0), act(at_s=110.0))),
    )
    assert parts(late, best) == {"before it acted": 70, "since it acted": 380}


@given(st.lists(st.integers(0, 9_000), min_size=1, max_size=6))
def test_what_the_crew_saved_and_what_it_left_is_what_the_oracle_saved(saved: list[int]) -> None:
    every: list[Played] = []
    for seed, number in enumerate(saved):
        every += [played(Task("gray", seed, NOTHING), 0), played(Task("gray", seed, ORACLE), 9_000)]
        every.append(played(Task("gray", seed, AUTOPILOT), number))
    found = Results.gathered(every, (NOTHING, ORACLE, AUTOPILOT))
    (left,) = leftovers(found, AUTOPILOT, ("gray",))
    assert left.payments + sum(saved) == 9_000 * len(saved)


def test_where_another_policy_is_ahead_the_summary_says_so_and_why() -> None:
    plain = results(6)
    crew = {
        task: replace(with_saved(one, 90), deeds=Deeds(detected_s=40.0, questions=1))
        if task.drawn == "gray"
        else one
        for task, one in plain.by_task.items()
        if task.policy == AUTOPILOT
    }
    found = summarise(Results.gathered({**plain.by_task, **crew}.values(), plain.policies))
    rows = [row for row in _rows(found["where_others_win"]) if row["policy"] == "success_rate"]
    assert [(row["signature"], row["surely"]) for row in rows] == [("gray", True)]
    assert "asked a person" in str(rows[0]["why"])
