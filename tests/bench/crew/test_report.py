"""The page stands alone and says what the numbers say; the table does as well."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.crew import table
from bench.crew.report import charts, names, sentences
from bench.crew.report.facts import Facts
from bench.crew.report.page import page
from bench.crew.report.svg import Scale, tag
from bench.crew.worth.summary import summarise
from payments.errors import InputError
from tests.bench.crew.made_up import results

MEASURED = {
    "seeds": list(range(16)),
    "machine": {"cores": 2, "memory_gb": 23.5, "python": "3.11.7"},
    "seconds": 100.0,
    "version": "abc1234",
    "large_episode": {"cells": 2000, "ticks": 1440, "hours": 2.0, "cpu_s": 9.5, "wall_s": 9.9},
}


@pytest.fixture(scope="module")
def facts() -> Facts:
    return Facts.model_validate_json(json.dumps(summarise(results()) | MEASURED))


@pytest.fixture(scope="module")
def text(facts: Facts) -> str:
    return page(facts)


class Tags(HTMLParser):
    """Sees to it that every element is closed, and gathers addresses."""

    VOID = frozenset({"meta", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "srcset"}]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_loads_nothing(text: str) -> None:
    tags = Tags()
    tags.feed(text)
    tags.close()
    assert not tags.open
    assert not tags.addresses
    assert "<script" not in text
    assert "url(" not in text
    assert "@import" not in text


def test_the_page_begins_with_the_one_number(text: str, facts: Facts) -> None:
    assert facts.crew is not None
    assert facts.crew.saved_share is not None
    said = f"could have been saved, the crew saved {round(100 * facts.crew.saved_share)}</h1>"
    assert said in text


def test_every_drawing_is_well_formed_and_has_a_name(text: str) -> None:
    drawings = re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL)
    assert len(drawings) >= 5
    for drawing in drawings:
        assert ET.fromstring(drawing).get("aria-label")  # noqa: S314 - our own text


def test_the_page_has_each_policy_and_both_schemes_of_colours(text: str, facts: Facts) -> None:
    assert all(names.policy(one.name) in text for one in facts.policies)
    assert "prefers-color-scheme: dark" in text


def test_the_page_can_be_made_without_the_crew_and_without_other_policies() -> None:
    whole = results()
    for policies in (("nothing", "oracle"), ("nothing", "oracle", "crew_autopilot")):
        few = type(whole)(whole.by_task, policies)
        told = Facts.model_validate_json(json.dumps(summarise(few) | MEASURED | {"large_episode": None}))
        assert "<h1>" in page(told)
        assert table.plain(told)


def test_names_from_a_scenario_file_cannot_break_the_page(facts: Facts) -> None:
    rude = "<script>alert(1)</script>"
    told = facts.model_copy(
        update={
            name: tuple(row.model_copy(update={"signature": rude}) for row in getattr(facts, name))
            for name in ("kinds", "per_signature", "courses", "left_by_the_crew")
        }
    )
    assert "<script" not in page(told)
    assert "<script" not in charts.by_kind(told)


def test_the_headline_of_a_result_without_the_crew_says_so(facts: Facts) -> None:
    without = facts.model_copy(update={"policies": facts.policies[:2]})
    assert "not among" in sentences.headline(without)


@given(st.floats(-2.0, 3.0), st.floats(-1.0, 0.0), st.floats(0.5, 2.0))
def test_a_scale_keeps_everything_inside_the_picture(value: float, low: float, high: float) -> None:
    scale = Scale(low, high, 250.0, 700.0)
    assert 250.0 - 1e-9 <= scale(value) <= 700.0 + 1e-9
    assert all(low - 1e-6 <= at <= high + 1e-6 for at in scale.ticks(0.2))


def test_text_in_a_drawing_is_escaped() -> None:
    assert tag("text", "a < b & c", class_='"') == '<text class="&#34;">a &lt; b &amp; c</text>'


def test_a_share_below_zero_has_a_minus_sign_and_what_is_unknown_a_dash() -> None:
    assert names.share(-0.104) == "\N{MINUS SIGN}.10"
    assert names.share(-0.001) == ".00"
    assert {names.share(None), names.count(None), names.seconds(None), names.percent(None)} == {names.UNKNOWN}


def test_the_table_takes_the_place_between_the_markers(facts: Facts, tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{table.BEGIN}\nlast year\n{table.END}\nafter\n", encoding="utf-8")
    table.write(facts, readme)
    once = readme.read_text(encoding="utf-8")
    table.write(facts, readme)
    assert readme.read_text(encoding="utf-8") == once
    assert once.startswith("before\n<!-- worth:begin -->\n")
    assert once.endswith("<!-- worth:end -->\nafter\n")
    assert "last year" not in once
    assert "| PayOps Crew, autopilot | .8" in once
    assert "seeds 0-15, version abc1234" in once


def test_a_readme_without_markers_is_left_as_it_is(facts: Facts, tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("no place\n", encoding="utf-8")
    with pytest.raises(InputError, match="worth:begin"):
        table.write(facts, readme)
    assert readme.read_text(encoding="utf-8") == "no place\n"


@pytest.mark.parametrize("content", ["", "[]", '{"episodes": "many"}'])
def test_a_file_that_is_no_result_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="is no result of"):
        Facts.read(file)
