"""docs/guardrails.md says what the code does."""

import re
import tomllib
from pathlib import Path
from typing import get_args

from guardrails.checks import CHECKS
from guardrails.policy import Policy
from payments.action import Action
from tests.guardrails.cases import ALONE

PAGE = (Path(__file__).parents[2] / "docs" / "guardrails.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| `\w+` \|.*\|.*\|.*\|", line)
]
WORDS = {"ask": "ask", "second": "two people", "block": "block"}


def test_the_table_lists_every_check_in_the_order_in_which_they_run() -> None:
    assert [row[0].strip("`") for row in ROWS] == [rule.__name__ for rule in CHECKS]


def test_the_table_says_what_the_failure_of_each_check_means() -> None:
    for name, _, _, on_failure, _ in ROWS:
        possible = {case.on_failure for case in ALONE if case.name == name.strip("`")}
        said = {meaning for meaning, words in WORDS.items() if re.search(rf"\b{words}\b", on_failure)}
        assert said == possible, name


def test_every_limit_is_on_the_page_once_with_its_default() -> None:
    said = [tomllib.loads(found) for found in re.findall(r"`(\w+ = [^`]+)`", PAGE)]
    names = [name for one in said for name in one]
    assert sorted(names) == sorted(Policy.model_fields)
    assert {name: value for one in said for name, value in one.items()} == Policy().model_dump(mode="json")


def test_no_action_has_a_field_that_could_waive_authentication() -> None:
    kinds = get_args(get_args(Action)[0])
    assert len(kinds) == 5
    assert {name for kind in kinds for name in kind.model_fields} == {
        "kind", "scope", "from_route", "to", "share", "limits_per_s", "max_attempts", "backoff_s",
        "message", "severity", "reason",
    }  # fmt: skip
