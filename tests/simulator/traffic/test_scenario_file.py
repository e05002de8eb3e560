"""Scenario files: what they mean, what is refused and how it is told, and that none crashes the world."""

import json
import pickle
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.action import ActionKind
from payments.diagnosis import Category
from payments.errors import BadFile, BadScenario, InputError, NotFoundError
from payments.segment import Segment
from simulator.traffic.declines import CODES
from simulator.traffic.effect_models import KINDS
from simulator.traffic.faults import scenario
from simulator.traffic.plain_yaml import NotPlainError, read_plain
from simulator.traffic.scenario_file import find_scenario, load_scenario, schema
from simulator.traffic.stage import Stage
from tests.simulator.traffic.made import add

DOCS = Path(__file__).parents[3] / "docs"
EXAMPLES = sorted((DOCS / "scenarios").glob("*.yaml"))

FAULT: dict[str, Any] = {
    "category": "network_or_system",
    "culprit": {"psp": "northpay"},
    "right_actions": ["reroute_traffic"],
    "effects": [{"kind": "fails", "share": 0.5, "codes": {"96": 1}}],
}
SMALL = {"issuers": 3, "payments_per_s": 20, "history_ticks": 1}


def written(folder: Path, fault: dict[str, Any] | None = None, **changes: object) -> Path:
    """A file with one fault; JSON is YAML."""
    whole = {"name": "mine", "description": "Mine.", "world": SMALL, "faults": [{**FAULT, **(fault or {})}]}
    path = folder / "mine.yaml"
    path.write_text(json.dumps({**whole, **changes}))
    return path


def refused(path: Path) -> str:
    with pytest.raises(BadScenario) as caught:
        load_scenario(path)
    assert repr(str(path)) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_can_be_played_and_sent_to_other_processes(path: Path) -> None:
    played = load_scenario(path)
    assert pickle.loads(pickle.dumps(played)) == played  # noqa: S301 - our own bytes
    assert played.kind == path.stem
    assert Stage(played, 3).truth.kind == path.stem


def test_there_are_a_new_fault_a_trap_and_a_double_fault_among_the_examples() -> None:
    truths = {path.stem: Stage(load_scenario(path), 3).truth for path in EXAMPLES}
    assert not truths["acquirer_duplicates"].trap
    assert truths["flash_sale"].trap
    assert len(truths["route_and_issuer"].parts) == 2
    assert truths["route_and_issuer"].broken_backup is not None


def test_the_published_schema_is_that_of_the_models() -> None:
    """If this fails, write the schema anew as docs/scenarios.md says."""
    assert json.loads((DOCS / "scenario.schema.json").read_text()) == schema()


def test_a_file_says_the_same_as_code(tmp_path: Path) -> None:
    truth = Stage(load_scenario(written(tmp_path)), 3).truth
    assert (truth.name, truth.kind, truth.category) == ("mine", "mine", Category.NETWORK_OR_SYSTEM)
    assert truth.culprit == Segment.of(psp="northpay")
    assert truth.right_actions == {ActionKind.REROUTE}
    assert (truth.ends_at - truth.starts_at).total_seconds() == 2_700.0


def test_the_fault_of_a_file_strikes_its_culprit_and_nothing_else(tmp_path: Path) -> None:
    stage = Stage(load_scenario(written(tmp_path)), 3)
    windows = [stage.step() for _ in range(40)]
    before, after = windows[:12], windows[12:]
    culprit = stage.truth.culprit
    assert add(after, culprit).success_rate < 0.6 * add(before, culprit).success_rate
    assert add(after, culprit, outside=True).success_rate > 0.85


def test_a_culprit_of_any_value_is_drawn_by_the_seed_and_is_as_large_as_asked(tmp_path: Path) -> None:
    played = load_scenario(
        written(tmp_path, {"culprit": {"issuer": "any", "psp": "any"}, "at_least_per_s": 2.0})
    )
    stages = [Stage(played, seed) for seed in range(12)]
    culprits = {stage.truth.culprit for stage in stages}
    assert len(culprits) > 3
    largest = [max(stage.topology.per_s(c) for c in played.culprits(stage.topology)) for stage in stages]
    for stage, most in zip(stages, largest, strict=True):
        assert stage.topology.per_s(stage.truth.culprit) >= min(2.0, most)


def test_scopes_take_the_culprits_values_and_leave_open_what_it_leaves_open(tmp_path: Path) -> None:
    effects = [
        {"kind": "moves", "share": 0.8},
        {
            "kind": "fails",
            "share": 1,
            "codes": {"03": 1},
            "scope": {"merchant": "culprit", "method": "culprit"},
        },
    ]
    culprit = {"merchant": "stride_shoes", "psp": "any"}
    stage = Stage(load_scenario(written(tmp_path, {"culprit": culprit, "effects": effects})), 3)
    moves, fails = stage.truth.effects
    assert getattr(moves, "scope") == Segment.of(merchant="stride_shoes")  # noqa: B009 - of a subclass
    assert getattr(moves, "to") == stage.truth.culprit.root["psp"]  # noqa: B009
    assert getattr(fails, "scope") == Segment.of(merchant="stride_shoes")  # noqa: B009


def test_a_name_or_a_file_is_found(tmp_path: Path) -> None:
    assert find_scenario("psp_outage") == scenario("psp_outage")
    assert find_scenario(str(written(tmp_path))).kind == "mine"
    with pytest.raises(NotFoundError, match="psp_outage"):
        find_scenario("psp_outtage")
    with pytest.raises(BadFile, match="cannot be read"):
        find_scenario(str(tmp_path / "missing.yaml"))


def test_codes_are_text_with_or_without_quotes() -> None:
    read = read_plain("{05: 1, '91': 0o17, 3.50: 12:30, on: yes, x: '7', y: 1e3, z: ~}")
    assert read == {"05": 1, "91": "0o17", "3.50": "12:30", "on": "yes", "x": "7", "y": 1000.0, "z": None}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"category": "weather"}, ["faults.0.category", "'issuer'", '"weather"']),
        ({"culprit": {"pps": "any"}}, ["faults.0.culprit", "'pps'", "psp"]),
        ({"culprit": {"psp": "northpie"}}, ["faults.0.culprit", "'northpie'", "northpay"]),
        ({"right_actions": ["reroute"]}, ["faults.0.right_actions.0", "reroute_traffic", '"reroute"']),
        ({"right_actions": []}, ["faults.0.right_actions", "at least 1"]),
        ({"wrong_actions": ["reroute_traffic"]}, ["faults.0", "right and wrong"]),
        ({"effects": [{"kind": "explodes"}]}, ["faults.0.effects.0", "'explodes'", "'fails'"]),
        ({"effects": [{"kind": "slows", "factor": 0}]}, ["effects.0.slows.factor", "0.01", "not 0"]),
        ({"effects": [{"kind": "slows", "faktor": 2}]}, ["effects.0.slows.faktor", "factor"]),
        ({"effects": [{"kind": "slows"}]}, ["effects.0.slows.factor", "required"]),
        ({"effects": [{"kind": "slows", "factor": "2"}]}, ["factor", "valid number", '"2"']),
        ({"effects": [{"kind": "slows", "factor": True}]}, ["factor", "valid number", "true"]),
        ({"effects": [{"kind": "fails", "share": 1, "codes": {"ninety": 1}}]}, ["codes", "'ninety'"]),
        ({"effects": [{"kind": "fails", "share": 1, "codes": {}}]}, ["codes", "at least 1"]),
        ({"effects": [{"kind": "moves", "share": 1, "to": "nowhere"}]}, ["effects.0.to", "'nowhere'"]),
        ({"effects": [{"kind": "surges", "factor": 20}] * 2}, ["400 times", "at most 20"]),
        ({"duration_s": 1e9}, ["faults.0.duration_s", "86400"]),
        ({"culprit": {"issuer": "alder_bank", "country": "AE"}}, ["no payments of this world"]),
    ],
)  # fmt: skip
def test_what_cannot_be_played_is_refused_with_its_place_and_what_is_allowed(
    change: dict[str, Any], said: list[str], tmp_path: Path
) -> None:
    message = refused(written(tmp_path, change))
    assert all(word in message for word in said), message


def test_a_move_to_the_route_of_a_culprit_without_one_is_refused(tmp_path: Path) -> None:
    change = {"culprit": {"merchant": "any"}, "effects": [{"kind": "moves", "share": 1}]}
    assert "names no psp" in refused(written(tmp_path, change))


def test_many_mistakes_are_told_five_at_a_time(tmp_path: Path) -> None:
    message = refused(written(tmp_path, {f"word{number}": 1 for number in range(9)}))
    assert message.count("there is no field") == 5
    assert "and 4 more" in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x [1]\nb: [*x, *x]", "line 1: &x is an anchor"),
        ("b: *x", "line 1: *x is an alias"),
        ("!!python/object/apply:os.system [ls]", "is a tag"),
        ("a: !!binary aGk=", "is a tag"),
        ("a: 1\na: 2", "line 2: 'a' is written twice"),
        ("? [a]\n: 1", "a key must be a word"),
        ("a\n---\nb", "second document"),
        ("", "nothing in it"),
        ("a: {b: c", "not YAML"),
        ("a: \x07", "not YAML"),
        ("[" * 5_000, "nested more than 16 deep"),
        ("[" + "1," * 30_000 + "1]", "too long"),
    ],
)
def test_hostile_yaml_is_refused(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    assert said in refused(path)


@pytest.mark.parametrize("number", [".nan", ".inf", "-.inf", "1e999", "9" * 400, "0x10", "-1", "1:30"])
def test_numbers_that_are_none_are_refused(number: str, tmp_path: Path) -> None:
    path = written(tmp_path, {"onset_s": "NUMBER"})
    path.write_text(path.read_text().replace('"NUMBER"', number))
    assert "faults.0.onset_s" in refused(path)


def test_a_file_that_is_no_text_or_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    for content, said in ((b"\xff\xfe\x00", "cannot be read"), (b"a" * 70_000, "larger than 65536 bytes")):
        path.write_bytes(content)
        with pytest.raises(BadFile, match=said):
            load_scenario(path)


@given(text=st.text(alphabet="abn:{}[]-&*!|>'\"#%@,? \n\t~.0159e", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(NotPlainError):
        json.dumps(read_plain(text))


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**14), 10**14) | st.text("abc 05:", max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc05", max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(value=PLAIN)
def test_json_is_read_as_what_it_says(value: object) -> None:
    assert read_plain(json.dumps(value)) == value


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    where=st.sampled_from(["", "world", "faults"]),
    junk=PLAIN,
    name=st.sampled_from(["name", "rho", "culprit", "zz"]),
)
def test_any_junk_in_a_file_is_our_own_error_or_a_scenario(
    where: str, junk: object, name: str, tmp_path: Path
) -> None:
    changes: dict[str, Any] = {name: junk} if not where else {where: {name: junk}}
    path = written(tmp_path, {name: junk} if where == "faults" else None, **changes)
    with suppress(InputError):
        assert load_scenario(path).kind


SHARES = st.floats(0.001, 1.0)
CODES_OF = st.dictionaries(st.sampled_from(CODES), st.floats(0.01, 5.0), min_size=1, max_size=3)
SECONDS = st.integers(0, 400)
FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "fails": {"share": SHARES, "codes": CODES_OF, "at_door": st.booleans(), "moved_only": st.booleans()},
    "throttles": {"limit": st.floats(0.01, 20.0), "codes": CODES_OF, "latency_ms": st.floats(1.0, 1e5)},
    "slows": {"factor": st.floats(0.01, 20.0)},
    "cuts_off": {"limit_ms": st.floats(1.0, 1e5)},
    "hides": {"share": SHARES},
    "surges": {"factor": st.floats(0.01, 2.0)},
    "attacks": {"factor": st.floats(0.01, 2.0)},
    "retries": {
        "share": SHARES,
        "max_attempts": st.integers(1, 10),
        "after_s": st.lists(SECONDS, min_size=2, max_size=2),
    },
    "moves": {"share": SHARES},
    "provisions": {"factor": st.floats(0.01, 20.0)},
    "renames": {"code": st.sampled_from(CODES), "share": SHARES, "to": CODES_OF},
}


def effects() -> st.SearchStrategy[dict[str, Any]]:
    course = {
        "from_s": SECONDS,
        "until_s": SECONDS,
        "rise_s": SECONDS,
        "period_s": st.floats(1.0, 300.0),
        "on_share": SHARES,
    }
    every = [
        st.fixed_dictionaries({"kind": st.just(kind), **fields}, optional=course)
        for kind, fields in FIELDS.items()
    ]
    return st.one_of(every)


def test_every_effect_can_be_written() -> None:
    assert set(FIELDS) == set(KINDS)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.lists(effects(), min_size=1, max_size=4), seed=st.integers(0, 2**32))
def test_any_effects_within_the_limits_can_be_played_and_the_windows_add_up(
    chosen: list[dict[str, Any]], seed: int, tmp_path: Path
) -> None:
    path = written(tmp_path, {"effects": chosen, "onset_s": 0.0, "culprit": {"psp": "any", "issuer": "any"}})
    stage = Stage(load_scenario(path), seed)
    for _ in range(4):
        window = stage.step()
        assert window.failures_by_code is not None
        np.testing.assert_array_equal(window.failures_by_code.sum(axis=1), window.failures)
        assert all(route.capacity_per_s for route in stage.routes(Segment({})))
