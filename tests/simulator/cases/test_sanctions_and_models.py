"""What the catalogue says about insiders, sanctions and wrong scores, held against the families' numbers."""

import pytest

from simulator.cases.beliefs import NOTHING_ASKED, asked, beliefs_of
from simulator.cases.catalogue import catalogue, family_named
from simulator.cases.engine import Episode
from simulator.cases.family import Family
from simulator.cases.guardrails import closed_act
from simulator.cases.policies import optimal, play
from simulator.cases.solver import solve
from simulator.cases.tasks import single
from simulator.cases.vocabulary import ACTS, BUDGET_TENTHS, PROBES, Act, Report, Verb

INSPECT, DOCS, KYC, CONTACT = range(len(PROBES))


def best_act(family: Family, world: str) -> Act:
    """Give the act that loses least when the world is known, guardrails apart."""
    losses = next(each.losses for each in family.worlds if each.name == world)
    return min(ACTS, key=losses.of)


def usd(family: Family, world: str, verb: Verb, report: Report = "none") -> float:
    losses = next(each.losses for each in family.worlds if each.name == world)
    return losses.of(Act(verb, report))


@pytest.mark.parametrize(
    ("number", "world", "act"),
    [
        ("23", "phished_portal", Act("reject", "none")),
        ("24", "invented_staff", Act("escalate", "sar")),
        ("33", "bribed_employee", Act("escalate", "sar")),
        ("34", "listed_person", Act("hold", "ofac")),
        ("35", "spelling", Act("approve", "none")),
        ("36", "owned_by_several", Act("hold", "ofac")),
        ("36", "forty_nine", Act("escalate", "none")),
        ("37", "no_licence", Act("reject", "ofac")),
        ("37", "humanitarian", Act("approve", "none")),
        ("38", "kickback", Act("hold", "sar")),
        ("38", "sold_land", Act("escalate", "none")),
        ("40", "newcomer", Act("approve", "none")),
        ("41", "altered_counter", Act("hold", "sar")),
        ("42", "stale_entry", Act("approve", "none")),
    ],
)
def test_the_right_act_of_a_world_is_the_one_of_the_catalogue(number: str, world: str, act: Act) -> None:
    assert best_act(family_named(number), world) == act


@pytest.mark.parametrize("number", ["34", "35"])
def test_to_return_the_money_of_a_listed_person_loses_nearly_as_much_as_to_pay_it(number: str) -> None:
    family = family_named(number)
    blocked = usd(family, "listed_person", "hold", "ofac")
    assert usd(family, "listed_person", "reject", "ofac") > 50 * blocked
    assert usd(family, "listed_person", "reject") > 0.8 * usd(family, "listed_person", "approve")


def test_a_true_hit_and_a_chance_likeness_look_the_same() -> None:
    true, chance = family_named("34").surface, family_named("35").surface
    assert (true.flags, true.memos, true.risk_score) == (chance.flags, chance.memos, chance.risk_score)
    assert (true.ml_confidence, true.facts, true.counterparty_risk) == (
        chance.ml_confidence,
        chance.facts,
        chance.counterparty_risk,
    )


@pytest.mark.parametrize("number", ["34", "35"])
def test_an_open_match_is_approved_only_after_it_was_discounted(number: str) -> None:
    family, approve = family_named(number), Act("approve", "none")
    beliefs, solution = beliefs_of(family), solve((family,))
    discounted = asked(NOTHING_ASKED, KYC, 2)
    assert closed_act(approve, beliefs.facts(NOTHING_ASKED)) == "G4"
    assert closed_act(approve, beliefs.facts(asked(NOTHING_ASKED, KYC, 0))) == "G3"
    assert closed_act(approve, beliefs.facts(discounted)) is None
    assert solution.choice(asked(discounted, DOCS, 2), BUDGET_TENTHS - 4, 0) == approve


@pytest.mark.parametrize(("name", "other"), [("over_invoicing", DOCS), ("correspondent_nesting", DOCS)])
def test_two_answers_that_say_nothing_alone_tell_trade_from_crime_together(name: str, other: int) -> None:
    beliefs = beliefs_of(family_named(name))
    prior = beliefs.confidence(NOTHING_ASKED)
    for answer in (0, 2):
        looked = asked(NOTHING_ASKED, INSPECT, answer)
        told = [beliefs.confidence(asked(looked, other, second)) for second in (0, 2)]
        assert beliefs.confidence(looked) == pytest.approx(prior, abs=0.06)
        assert min(told) < 0.1
        assert max(told) > 0.85


def test_an_employee_on_file_opens_the_report_without_any_other_reason() -> None:
    facts = family_named("33").surface.facts_on_file
    assert closed_act(Act("escalate", "sar"), facts) is None
    assert closed_act(Act("escalate", "sar"), frozenset()) == "G2"


def test_an_employee_whose_wage_account_changed_may_be_rung_under_the_strict_profile() -> None:
    solution = solve((family_named("23"),), "strict")
    assert solution.choice(NOTHING_ASKED, BUDGET_TENTHS, 0) == "contact_sender"


def test_newcomers_are_approved_as_often_as_others_with_a_thin_file() -> None:
    task = single(family_named("40"))
    ends: dict[int, list[bool]] = {2: [], 3: []}
    for seed in range(400):
        episode = play(optimal, Episode(task, seed))
        world = episode.cases[0].hidden.world
        if world in ends:
            ends[world].append(episode.decisions[0].action_type == "approve")
    newcomers, others = (sum(approved) / len(approved) for approved in ends.values())
    assert newcomers > 0.85
    assert abs(newcomers - others) < 0.08


def test_an_unsure_score_is_right_as_often_as_it_is_wrong() -> None:
    unsure = [family for family in catalogue() if family.surface.ml_confidence <= 0.4]
    mixed = [family for family in unsure if family.illicit_prior > 0.0]
    right = [f for f in mixed if (f.surface.risk_score > 0.5) == (f.illicit_prior >= 0.5)]
    assert 0.3 <= len(right) / len(mixed) <= 0.7


def test_log_and_file_say_nothing_about_a_confident_wrong_score() -> None:
    beliefs = beliefs_of(family_named("42b"))
    for probe in (INSPECT, KYC):
        seen = beliefs.confidence(asked(NOTHING_ASKED, probe, 0))
        assert seen == pytest.approx(beliefs.confidence(NOTHING_ASKED))


def test_orders_stand_in_every_memo_of_the_family_about_them() -> None:
    assert all("pprove" in memo or "release" in memo for memo in family_named("43").surface.memos)


def test_ordinary_life_is_approved_at_once_and_costs_nothing() -> None:
    solution = solve((family_named("44"),))
    assert solution.choice(NOTHING_ASKED, BUDGET_TENTHS, 0) == Act("approve", "none")
    assert solution.least_usd == 0.0
