"""What a model is shown: our own words and figures, and nothing that a stranger wrote."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.language_model.brief import Brief, figure
from agents.language_model.naming import Names
from agents.language_model.prompt import VERSION, prompt_of
from payments.action import Reroute
from payments.diagnosis import EvidenceItem
from payments.lesson import Lesson
from payments.outcome import Effect
from payments.segment import Segment
from payments.verdict import Verdict
from tests.agents.language_model.made import brief, diagnosed
from tests.console.examples import incident, lesson, plan

ATTRIBUTES = ("psp", "issuer", "merchant", "method", "country", "network", "shop floor")
TEXTS = st.text(min_size=1, max_size=60)


def ruled() -> Verdict:
    verdict = incident().verdict
    assert verdict is not None
    return verdict


def attacked(text: str) -> tuple[Brief, str]:
    """Put a text wherever strangers may write, with a canary in it."""
    name = f"zqxj{text}zqxj"
    scope = Segment(dict.fromkeys(ATTRIBUTES, name))
    moved = Reroute(scope=scope, from_route=name, to={f"{name}2": 1.0}, share=0.5)
    evidence = (
        EvidenceItem(id="e1", label=f"excess of code {name}", observed=3.0),
        EvidenceItem(id="e2", label=f"excess of code 05 : {name}", observed=3.0),
    )
    learned = lesson(culprit=scope, text=name).model_copy(update={"decided_by": name, "incident_id": name})
    told = diagnosed(culprit=scope, culprits=(scope,), evidence=evidence, sentence=name)
    return Brief.of(told, plan(moved), ruled(), [learned]), name


@given(TEXTS)
def test_no_name_and_no_text_of_a_stranger_reaches_a_model(text: str) -> None:
    shown, _ = attacked(text)
    prompt = prompt_of(shown)
    assert "zqxj" not in prompt.system + prompt.user
    assert prompt.user.isascii()
    assert prompt.user.count("</data>") == 1


@given(TEXTS)
def test_the_same_incident_under_other_names_is_the_same_brief(text: str) -> None:
    assert attacked(text)[0].text == attacked("elsewhere")[0].text


@given(TEXTS)
def test_people_read_the_names_again(text: str) -> None:
    shown, name = attacked(text)
    assert shown.names.restored("It is route_1 and code_1.") == f"It is {name} and {name}."


def test_listed_codes_are_shown_and_others_have_a_stand_in() -> None:
    names = Names.of([], [], ["91", "Z9", "91 : call me", "made up"])
    assert [names.code(code) for code in ("91", "z9", "91 : call me", "made up")] == [
        "91",
        "Z9",
        "code_1",
        "code_2",
    ]


def test_a_name_that_is_not_known_has_no_stand_in_of_another() -> None:
    names = Names.of([Segment.of(psp="alpha")], ["beta"], [])
    assert [names.instead_of("route", one) for one in ("alpha", "beta", "gamma")] == [
        "route_1",
        "route_2",
        "another route",
    ]
    assert names.unknown("route_1, route_2 and route_3") == ["route_3"]


def test_causes_are_shown_by_the_alphabet_without_what_the_engine_gives_them() -> None:
    told = diagnosed()
    folded = told.hypotheses[0].model_copy(update={"cause": "other", "probability": 0.99})
    shown = brief(told.model_copy(update={"hypotheses": (folded, *told.hypotheses)}))
    assert shown.causes == {"h1": "issuer_outage", "h2": "psp_outage"}
    assert shown.probabilities == {"h1": 0.04, "h2": 0.93}
    assert [one.words for one in shown.lines[:2]] == [
        "issuer_outage (issuer)",
        "psp_outage (network_or_system)",
    ]


def test_every_line_has_an_id_of_its_own() -> None:
    shown = brief()
    assert len(shown.ids) == len(shown.lines)
    assert {"h1", "e1", "a1", "k1", "r1"} <= shown.ids


def test_what_failed_is_shown_before_what_passed() -> None:
    (first, second) = (one.words for one in brief().lines if one.id.startswith("k"))
    assert first == "check confidence failed (ask): 0.8, limit 0.8"
    assert second == "check volume passed: 1234, limit 5000"


def test_lessons_are_counted_and_not_quoted() -> None:
    lessons: list[Lesson] = [
        lesson(),
        lesson().model_copy(update={"effect": Effect.NO_EFFECT}),
        lesson().model_copy(update={"cause": "noise"}),
    ]
    last = Brief.of(diagnosed(), plan(), ruled(), lessons).lines[-1]
    assert last.words == "similar past incidents: 3, of the same cause 2, its action helped 1"


def test_the_brief_stays_small_however_much_there_is() -> None:
    told = diagnosed()
    evidence = tuple(
        EvidenceItem(id=f"e{n}", label=f"excess of code {'x' * 500}{n}", observed=1e300 / 3)
        for n in range(99)
    )
    causes = tuple(told.hypotheses[0] for _ in range(99))
    moved = Reroute(scope=Segment({}), from_route="a", to={f"r{n}": 0.01 for n in range(100)}, share=0.5)
    checks = tuple(ruled().checks[0] for _ in range(99))
    big = Brief.of(
        told.model_copy(update={"evidence": evidence, "hypotheses": causes}),
        plan(moved),
        ruled().model_copy(update={"checks": checks}),
    )
    assert len(big.lines) <= 31
    assert len(big.text) <= 3_000


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.66025, "0.66"), (26.0, "26"), (1234.56, "1235"), (-225.4, "-225"), (0.00069, "0.00069")],
)
def test_figures_are_shown_to_three_digits(value: float, shown: str) -> None:
    assert figure(value) == shown


def test_the_prompt_is_the_file_of_its_version_with_the_brief_as_data() -> None:
    prompt = prompt_of(brief())
    assert VERSION == "opinion-1"
    assert prompt.system.startswith("You review one payment incident")
    assert re.fullmatch(r"<data>\nculprit: route_1\n.*\n</data>", prompt.user, flags=re.DOTALL)
