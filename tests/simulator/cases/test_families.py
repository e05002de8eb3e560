import itertools

import pytest

from payments.errors import NotFoundError, SettingsError
from simulator.cases.audit import figures
from simulator.cases.beliefs import NOTHING_ASKED, beliefs_of
from simulator.cases.catalogue import catalogue, family_named
from simulator.cases.draw import draw_case
from simulator.cases.family import Family, Surface, World, silent
from simulator.cases.losses import benign, illicit
from simulator.cases.solver import solve
from simulator.cases.vocabulary import PROBES, Profile

NAMES = [family.name for family in catalogue()]
MIXED = [family.name for family in catalogue() if family.illicit_prior > 0.0]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("profile", ["us", "strict"])
def test_the_optimum_lies_between_ceiling_and_floor(name: str, profile: Profile) -> None:
    seen = figures(family_named(name))
    assert seen.ceiling <= solve((seen.family,), profile).least_usd < seen.floor


@pytest.mark.parametrize("name", MIXED)
def test_no_constant_act_gets_more_than_half_of_the_way(name: str) -> None:
    act, score = figures(family_named(name)).best_constant
    assert score <= 0.5, act


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_of_every_question_can_be_rendered(name: str) -> None:
    family = family_named(name)
    wanted = {(probe, at) for probe in PROBES for at in range(len(family.questions[probe]))}
    for seed in range(100):
        case = draw_case(family, f"render/{seed}")
        wanted -= set(zip(PROBES, case.hidden.answers, strict=True))
        assert all(note and "{" not in note for note in case.notes)
    possible = {
        (probe, at)
        for probe, at in wanted
        if beliefs_of(family).joint(tuple(at if p == probe else -1 for p in PROBES)).sum() > 0.1
    }
    assert not possible


@pytest.mark.parametrize("name", NAMES)
def test_answers_are_a_distribution_whose_mean_belief_is_the_prior(name: str) -> None:
    beliefs = beliefs_of(family_named(name))
    states = list(itertools.product(*(range(len(table)) for table in beliefs.odds)))
    masses = [float(beliefs.joint(state).sum()) for state in states]
    mean = sum(m * beliefs.confidence(s) for m, s in zip(masses, states, strict=True) if m > 0)
    assert sum(masses) == pytest.approx(1.0)
    assert mean == pytest.approx(beliefs.confidence(NOTHING_ASKED))


def test_at_least_35_percent_of_the_catalogue_is_benign() -> None:
    assert sum(family.illicit_prior for family in catalogue()) / len(catalogue()) <= 0.65


def test_an_unknown_family_is_named_in_the_error() -> None:
    with pytest.raises(NotFoundError, match="no_such"):
        family_named("no_such")


@pytest.mark.parametrize(("prior", "words"), [(0.5, "sum to 1"), (0.1, "P\\(illicit\\)")])
def test_a_family_whose_priors_are_wrong_is_refused(prior: float, words: str) -> None:
    rest = 0.9 if prior == 0.1 else 0.4
    with pytest.raises(SettingsError, match=words):
        Family(
            number="0",
            name="broken",
            title="",
            group="model",
            tier="easy",
            worlds=(
                World("bad", prior, is_illicit=True, losses=illicit(1.0, "hold")),
                World("good", rest, is_illicit=False, losses=benign(1.0)),
            ),
            surface=Surface(amount=1.0, risk_score=0.5, flags=(), memos=("",)),
            questions={probe: silent("Nothing.") for probe in PROBES},
        )
