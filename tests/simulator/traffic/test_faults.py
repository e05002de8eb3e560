"""Each fault looks like its signature, in the counts that anybody can see."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from payments.action import ActionKind
from payments.codes import CodeGroup
from payments.diagnosis import Category
from payments.errors import NotFoundError
from payments.segment import Segment
from simulator.traffic.faults import scenario, scenarios
from tests.simulator.traffic.made import ONSET_TICKS, Sum, add, read, source

Check = Callable[[Sum, Sum], bool]
"""Compares the culprit before and after the onset."""

INSIDE: dict[str, Check] = {
    "quiet": lambda old, new: abs(new.success_rate - old.success_rate) < 0.01,
    "issuer_outage": lambda old, new: (
        new.success_rate < 0.25 and new.share("91") > 0.4 and new.p50_ms > 5 * old.p50_ms
    ),
    "psp_outage": lambda _, new: (
        0.05 < new.success_rate < 0.15 and new.technical > 0.6 and new.share("91") < 0.02
    ),
    "psp_issuer_link": lambda _, new: new.success_rate < 0.25 and new.share("91", "92", "31") > 0.6,
    "card_network_outage": lambda _, new: new.success_rate < 0.3 and new.share("91", "96", "timeout") > 0.5,
    "retry_storm": lambda old, new: (
        2.0 < new.attempts_per_s / old.attempts_per_s < 3.5
        and abs(new.payments_per_s / old.payments_per_s - 1.0) < 0.1
        and new.share("94", "65") > 0.3
        and new.p50_ms > 2 * old.p50_ms
    ),
    "routing_misconfig": lambda old, new: (
        new.payments > 2 * old.payments
        and new.share("03", "58", "12") > 0.8
        and new.p50_ms < old.p50_ms / 4
        and new.technical < 0.02
    ),
    "user_mix": lambda old, new: (
        0.02 < old.success_rate - new.success_rate < 0.08
        and abs(new.technical - old.technical) < 0.005
        and new.share("51", "54", "55", "Z9", "ZM") > 2 * old.share("51", "54", "55", "Z9", "ZM")
        and abs(new.p50_ms / old.p50_ms - 1.0) < 0.25
    ),
    "card_testing": lambda old, new: (
        new.attempts > 2.5 * old.attempts
        and new.payments / new.attempts > 0.95
        and new.amount_minor / new.attempts < 0.5 * old.amount_minor / old.attempts
        and new.success_rate < 0.5
        and new.share("14", "N7", "82", "05") > 0.4
    ),
    "acs_outage": lambda _, new: (
        new.success_rate < 0.3
        and new.group(CodeGroup.AUTHENTICATION) > 0.6
        and new.share("91", "96", "timeout") < 0.02
    ),
    "expired_cert": lambda _, new: new.successes == 0 and new.share("tls_error") == 1.0 and new.p50_ms < 20,
    "settlement_cutover": lambda _, new: new.group(CodeGroup.CUTOVER) > 0.6,
    "planned_maintenance": lambda _, new: new.success_rate < 0.1,
    "holiday_surge": lambda old, new: (
        1.5 < new.payments_per_s / old.payments_per_s < 1.75
        and abs(new.success_rate - old.success_rate) < 0.01
        and abs(new.attempts / new.payments - old.attempts / old.payments) < 0.01
    ),
    "code_mix_drift": lambda old, new: (
        abs(new.success_rate - old.success_rate) < 0.01
        and new.share("05") < 0.5 * old.share("05")
        and new.share("5C", "9G") > 5 * old.share("5C", "9G")
    ),
    "webhook_lag": lambda old, new: (
        new.pending / new.attempts > 0.6
        and abs(new.technical - old.technical) < 0.01
        and abs(new.attempts_per_s / old.attempts_per_s - 1.0) < 0.1
    ),
    "low_volume_noise": lambda _, new: new.attempts < 15,
    "fraud_rule_push": lambda old, new: (
        0.2 < old.success_rate - new.success_rate < 0.5
        and new.group(CodeGroup.RISK) > old.group(CodeGroup.RISK) + 0.25
        and abs(new.technical - old.technical) < 0.02
        and 0.8 < new.p50_ms / old.p50_ms < 1.25
    ),
    "method_outage": lambda old, new: (
        new.success_rate < 0.25
        and new.technical + new.pending / new.attempts > 0.7
        and new.p50_ms > 3 * old.p50_ms
    ),
    "psp_brownout": lambda old, new: new.p95_ms > 2 * old.p95_ms and new.success_rate > 0.8,
    "two_at_once": lambda _, new: new.success_rate < 0.2,
}


@pytest.mark.parametrize("seed", [7, 8])
@pytest.mark.parametrize("name", sorted(scenarios()))
def test_a_fault_shows_its_signature_where_it_strikes_and_nothing_elsewhere(
    name: str, seed: int, tmp_path: Path
) -> None:
    live = source(name, tmp_path, seed)
    before = list(live.history())[-24:]
    read(live, ONSET_TICKS + 12)
    after = read(live, 18)
    culprit = live.truth.culprit
    assert INSIDE[name](add(before, culprit), add(after, culprit))
    if len(culprit):
        old, new = (add(windows, *live.truth.culprits, outside=True) for windows in (before, after))
        assert abs(new.success_rate - old.success_rate) < 0.015


@pytest.mark.parametrize("name", ["issuer_outage", "card_network_outage", "acs_outage", "settlement_cutover"])
def test_a_fault_of_an_issuer_or_scheme_is_alike_on_every_route(name: str, tmp_path: Path) -> None:
    live = source(name, tmp_path)
    read(live, ONSET_TICKS + 6)
    after = read(live, 18)
    culprit = live.truth.culprit
    rates = [add(after, Segment({**culprit.root, "psp": psp})).success_rate for psp in live.topology.routes]
    assert max(rates) < 0.4


def test_a_route_that_is_out_fails_for_every_issuer_and_method(tmp_path: Path) -> None:
    live = source("psp_outage", tmp_path)
    read(live, ONSET_TICKS)
    after = read(live, 24)
    for attribute in ("issuer", "method"):
        for value in live.topology.values(attribute):
            assert add(after, Segment({**live.truth.culprit.root, attribute: value})).success_rate < 0.3


def test_a_broken_link_is_hidden_in_the_sums_of_its_route(tmp_path: Path) -> None:
    live = source("psp_issuer_link", tmp_path)
    read(live, ONSET_TICKS)
    after = read(live, 24)
    assert add(after, live.truth.culprit.without("issuer")).success_rate > 0.7


def test_a_misrouted_merchant_leaves_its_usual_routes(tmp_path: Path) -> None:
    live = source("routing_misconfig", tmp_path)
    merchant = live.truth.culprit.without("psp")
    before, after = read(live, ONSET_TICKS), read(live, ONSET_TICKS)
    share_before = add(before, live.truth.culprit).payments / add(before, merchant).payments
    share_after = add(after, live.truth.culprit).payments / add(after, merchant).payments
    assert share_before < 0.3
    assert share_after > 0.7


def test_slowness_announces_a_brown_out_minutes_before_payments_time_out_all_after_the_same_time(
    tmp_path: Path,
) -> None:
    live = source("psp_brownout", tmp_path)
    culprit = live.truth.culprit
    usual, early, late = (
        add(windows, culprit) for windows in (read(live, 12), read(live, 24), read(live, 96)[84:])
    )
    assert early.p95_ms > 2 * usual.p95_ms
    assert early.success_rate > usual.success_rate - 0.03
    assert late.success_rate < usual.success_rate - 0.3
    assert late.share("timeout") + late.pending / late.attempts > 0.3
    assert late.p95_ms == pytest.approx(5_000, rel=0.2)


def test_a_method_that_is_out_leaves_cards_alone_and_speaks_in_its_own_codes(tmp_path: Path) -> None:
    live = source("method_outage", tmp_path, seed=8)
    read(live, ONSET_TICKS)
    after = read(live, 24)
    assert live.truth.culprit == Segment.of(method="upi")
    assert add(after, live.truth.culprit).share("U27", "UP", "BT") > 0.5
    assert add(after, Segment.of(method="card")).share("U27", "UP", "BT") == 0.0


def test_two_faults_at_once_are_both_there_and_neither_explains_most_of_the_excess(tmp_path: Path) -> None:
    live = source("two_at_once", tmp_path)
    read(live, ONSET_TICKS)
    after = read(live, 36)
    assert len(live.truth.culprits) == 2
    assert len(live.truth.categories) == 2
    failures = [add(after, culprit) for culprit in live.truth.culprits]
    lost = add(after).attempts * 0.92 - add(after).successes
    for part in failures:
        assert part.success_rate < 0.35
        assert part.attempts * 0.92 - part.successes < 0.9 * lost


def test_bad_luck_costs_no_more_payments_than_chance_does_somewhere(tmp_path: Path) -> None:
    for seed in range(2):
        live, twin = source("low_volume_noise", tmp_path, seed), source("quiet", tmp_path, seed)
        lost = add(read(twin, 36)).successes - add(read(live, 36)).successes
        assert 0 <= lost <= 8


def test_nothing_happens_before_the_onset(tmp_path: Path) -> None:
    faulty, quiet = source("psp_outage", tmp_path), source("quiet", tmp_path)
    for ours, theirs in zip(read(faulty, ONSET_TICKS), read(quiet, ONSET_TICKS), strict=True):
        np.testing.assert_array_equal(ours.successes, theirs.successes)
    assert faulty.read().successes.sum() < quiet.read().successes.sum()


def test_a_fault_ends_by_itself(tmp_path: Path) -> None:
    live = source("settlement_cutover", tmp_path)
    read(live, ONSET_TICKS + 36)
    assert live.now == live.truth.ends_at
    after = read(live, 12)
    assert add(after, live.truth.culprit).group(CodeGroup.CUTOVER) < 0.01


def test_seeds_choose_different_culprits(tmp_path: Path) -> None:
    struck = {str(source("psp_outage", tmp_path, seed).truth.culprit) for seed in range(12)}
    assert len(struck) >= 3


def test_every_scenario_states_what_is_right_and_nothing_both_right_and_wrong() -> None:
    for known in scenarios().values():
        assert known.right_actions
        assert not known.right_actions & known.wrong_actions
        assert known.description.endswith(".")


def test_rerouting_is_never_right_where_the_fault_goes_with_the_payments() -> None:
    harmless = {Category.USER, Category.ISSUER, Category.NO_INCIDENT, Category.OUR_DATA}
    for known in scenarios().values():
        assert known.category not in harmless or ActionKind.REROUTE in known.wrong_actions


@pytest.mark.parametrize("name", ["psp_outtage", "PSP_OUTAGE", "", "\x00💥"])
def test_an_unknown_scenario_is_refused_with_the_nearest_names(name: str) -> None:
    with pytest.raises(NotFoundError, match=r"no scenario .*; the nearest are \w+"):
        scenario(name)


def test_the_nearest_name_to_a_slip_of_the_pen_is_the_one_meant() -> None:
    with pytest.raises(NotFoundError, match="psp_outage"):
        scenario("psp_outtage")
