"""The Decision Engine as an actuator: what becomes of its rules, and what a crash leaves."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine as Database

from payments.action import Action, Reroute, Suppress
from payments.errors import ActuatorError, OutcomeUnknownError, SettingsError
from payments.segment import Segment
from tests.tools.actuator_contract import (
    CONTRACT,
    REROUTE,
    RETRIES,
    SUPPRESS,
    Make,
    a_retry_policy_is_carried_out,
)
from tests.tools.actuators.engine import KEY, MERCHANT, PRIORITY, Engine, gateway, serving
from tools.actuators.decision_engine.actuator import DecisionEngineActuator
from tools.actuators.decision_engine.api import EngineApi
from tools.actuators.decision_engine.ledger import Ledger
from tools.database import open_database

SOON_S = 0.3
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Place:
    """An engine that is served, and a crew that reaches it."""

    engine: Engine
    url: str
    database: Database
    now: datetime = NOW
    owners: Iterator[int] = field(default_factory=count)

    def actuator(self, key: str = KEY) -> DecisionEngineActuator:
        """Start the crew anew, on the same state database."""
        ledger = Ledger(self.database, MERCHANT, f"process {next(self.owners)}", lambda _: None)
        return DecisionEngineActuator(EngineApi(self.url, MERCHANT, key, SOON_S), ledger, lambda: self.now)


def opened(folder: Path, stack: ExitStack) -> Place:
    engine = Engine()
    engine.active = engine.hold(PRIORITY)
    database = open_database(folder / "payops.db")
    stack.callback(database.dispose)
    return Place(engine, stack.enter_context(serving(engine)), database)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with ExitStack() as stack:
        yield opened(tmp_path, stack)


@pytest.mark.parametrize("clause", [one for one in CONTRACT if one is not a_retry_policy_is_carried_out])
def test_it_keeps_the_contract_of_actuators(clause: Callable[[Make], None], tmp_path: Path) -> None:
    number = count()
    with ExitStack() as stack:
        clause(lambda: opened(tmp_path / str(next(number)), stack).actuator())


def test_undoing_activates_the_old_rule_itself(place: Place) -> None:
    place.actuator().apply(REROUTE, "k", 600.0)
    assert place.engine.active != "routing_1"
    place.actuator().revert("k")
    assert place.engine.activations[-1] == "routing_1"
    assert place.engine.rules["routing_1"]["algorithm_data"] == PRIORITY


def test_a_rule_is_named_by_its_key_and_says_what_was_there_before(place: Place) -> None:
    place.actuator().apply(REROUTE, "incident:1", 600.0)
    made = place.engine.rules[str(place.engine.active)]
    assert made["name"].startswith("payops incident:1 ")
    assert "incident:1" in made["name"]


def test_a_share_of_a_priority_rule_becomes_a_split(place: Place) -> None:
    place.actuator().apply(REROUTE.model_copy(update={"share": 0.3}), "k", 600.0)
    assert place.engine.algorithm == {
        "type": "advanced",
        "data": {
            "globals": {},
            "default_selection": {
                "volume_split_priority": [
                    {"split": 70, "output": [gateway("alpha"), gateway("beta"), gateway("gamma")]},
                    {"split": 30, "output": [gateway("beta"), gateway("gamma"), gateway("alpha")]},
                ]
            },
            "rules": [],
            "metadata": {},
        },
    }


def test_a_gateway_is_taken_out_of_a_priority_rule(place: Place) -> None:
    place.actuator().apply(SUPPRESS, "k", 600.0)
    assert place.engine.algorithm == {"type": "priority", "data": [gateway("beta"), gateway("gamma")]}


def test_payments_outside_the_scope_go_where_they_went(place: Place) -> None:
    narrow = Segment.of(psp="alpha", network="Mastercard")
    place.actuator().apply(Suppress(scope=narrow), "k", 600.0)
    every = {"gateway_name": "alpha", "gateway_id": None}
    assert every in place.engine.offered({"card_network": {"type": "enum_variant", "value": "visa"}})
    for spelling in ("mastercard", "Master Card"):
        card = {"card_network": {"type": "enum_variant", "value": spelling}}
        assert every not in place.engine.offered(card)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (RETRIES, "how often"),
        (Suppress(scope=Segment.of(issuer="hdfc")), "names none"),
        (Suppress(scope=Segment.of(psp="omega")), "it knows alpha, beta, gamma"),
        (Suppress(scope=Segment.of(psp="alpha", network="unheard")), "network 'unheard'"),
        (Suppress(scope=Segment.of(psp="alpha", colour="red")), "colour 'red'"),
        (Suppress(scope=Segment.of(psp="alpha", merchant="other")), "merchant 'other'"),
        (REROUTE.model_copy(update={"from_route": "beta"}), "no payment is both"),
        (REROUTE.model_copy(update={"limits_per_s": {"beta": 5.0}}), "attempts a second"),
        (
            Reroute(scope=Segment.of(psp="beta"), from_route="beta", to={"alpha": 1.0}, share=0.5),
            "nothing to move",
        ),
        (
            Reroute(scope=Segment({}), from_route="alpha", to={"beta": 0.5, "gamma": 0.5}, share=0.01),
            "below 1 %",
        ),
    ],
)
def test_what_no_rule_can_say_is_refused_in_words(place: Place, action: Action, words: str) -> None:
    with pytest.raises(ActuatorError, match=words) as caught:
        place.actuator().apply(action, "k", 600.0)
    assert not isinstance(caught.value, OutcomeUnknownError)
    assert place.engine.active == "routing_1"
    assert len(place.engine.rules) == 1
    assert place.actuator().look_up("k") is None


def test_an_experiment_is_left_alone(place: Place) -> None:
    place.engine.active = place.engine.hold({"type": "ab_test", "data": {"variants": []}})
    with pytest.raises(ActuatorError, match="ab_test"):
        place.actuator().apply(SUPPRESS, "k", 600.0)


def test_two_actions_are_in_force_together_and_end_one_by_one(place: Place) -> None:
    place.actuator().apply(Suppress(scope=Segment.of(psp="gamma")), "one", 600.0)
    place.actuator().apply(SUPPRESS, "two", 600.0)
    assert place.engine.algorithm == {"type": "single", "data": gateway("beta")}
    place.actuator().revert("one")
    assert place.engine.algorithm == {"type": "priority", "data": [gateway("beta"), gateway("gamma")]}
    place.actuator().revert("two")
    assert place.engine.active == "routing_1"


def test_who_activates_another_rule_has_the_last_word(place: Place) -> None:
    place.actuator().apply(SUPPRESS, "k", 600.0)
    place.engine.active = place.engine.hold({"type": "single", "data": gateway("gamma")})
    theirs = place.engine.active
    held = place.actuator().look_up("k")
    assert held is not None
    assert held.reverted
    assert place.actuator().revert("k").reverted
    assert place.engine.active == theirs


def test_what_is_past_its_expiry_is_not_carried_on(place: Place) -> None:
    place.actuator().apply(SUPPRESS, "old", 600.0)
    place.now += timedelta(seconds=601)
    place.actuator().apply(Suppress(scope=Segment.of(psp="gamma")), "new", 600.0)
    assert place.engine.algorithm == {"type": "priority", "data": [gateway("alpha"), gateway("beta")]}
    old = place.actuator().look_up("old")
    assert old is not None
    assert old.reverted


@pytest.mark.parametrize("died_at", ["/routing/create", "/routing/activate"])
@pytest.mark.parametrize("trouble", ["silent", "lost", "500"])
def test_a_second_try_finds_what_the_first_has_made(place: Place, died_at: str, trouble: str) -> None:
    place.engine.troubles[died_at] = trouble
    with pytest.raises(ActuatorError):
        place.actuator().apply(SUPPRESS, "k", 600.0)
    receipt = place.actuator().look_up("k") or place.actuator().apply(SUPPRESS, "k", 600.0)
    assert not receipt.reverted
    assert [rule["name"].startswith("payops k ") for rule in place.engine.rules.values()] == [False, True]
    assert place.engine.algorithm == {"type": "priority", "data": [gateway("beta"), gateway("gamma")]}
    place.actuator().revert("k")
    assert place.engine.active == "routing_1"


def test_an_activation_without_an_answer_may_have_happened(place: Place) -> None:
    place.engine.troubles["/routing/activate"] = "lost"
    with pytest.raises(OutcomeUnknownError, match="gave no answer"):
        place.actuator().apply(SUPPRESS, "k", 600.0)
    held = place.actuator().look_up("k")
    assert held is not None
    assert not held.reverted


def test_a_rule_that_is_not_followed_is_taken_back(place: Place) -> None:
    class Stale(Engine):
        def offered(self, parameters: object) -> list[object]:  # type: ignore[override]
            return [gateway("alpha"), gateway("beta"), gateway("gamma")]

    place.engine.__class__ = Stale
    with pytest.raises(ActuatorError, match="does not follow") as caught:
        place.actuator().apply(SUPPRESS, "k", 600.0)
    assert "active again" in str(caught.value)
    assert place.engine.active == "routing_1"
    assert place.actuator().look_up("k") is None


def test_what_could_not_be_written_down_may_have_happened(place: Place) -> None:
    class Forgetful(Ledger):
        def settle(self, applied: Sequence[str] = (), ended: Sequence[str] = ()) -> None:
            raise ActuatorError("the disk is full")

    actuator = place.actuator()
    forgetful = Forgetful(place.database, MERCHANT, "a process", lambda _: None)
    with pytest.raises(OutcomeUnknownError, match="the disk is full"):
        replace(actuator, ledger=forgetful).apply(SUPPRESS, "k", 600.0)
    held = actuator.look_up("k")
    assert held is not None
    assert not held.reverted


STRANGE: Sequence[Mapping[str, Any]] = (
    {"type": "advanced", "data": {}},
    {"type": "advanced", "data": {"default_selection": {"priority": [gateway("alpha")]}, "rules": [{}]}},
    {"type": "priority", "data": []},
    {"type": "priority", "data": [{}]},
    {"type": "volume_split", "data": [{"split": 300, "output": gateway("alpha")}]},
    {"type": "volume_split", "data": [{"split": 0, "output": gateway("alpha")}]},
    {"type": "volume_split", "data": [{"split": 100, "connectors": []}]},
    {"type": "single", "data": 7},
    {"type": None},
    {},
)


@pytest.mark.parametrize("algorithm", STRANGE)
def test_an_active_rule_of_a_strange_form_is_left_alone(place: Place, algorithm: Mapping[str, Any]) -> None:
    place.engine.active = place.engine.hold(algorithm)
    with pytest.raises(ActuatorError, match="active rule of the Decision Engine"):
        place.actuator().apply(SUPPRESS, "k", 600.0)
    assert place.engine.active == "routing_2"


@pytest.mark.parametrize("body", ["", "<html>", "[{", "[" * 3000, '{"rule": 1}', "\ud800"])
def test_half_an_answer_is_told_and_changes_nothing(place: Place, body: str) -> None:
    place.engine.troubles[f"/routing/list/active/{MERCHANT}"] = (
        body.encode("utf-8", "replace").decode() or " "
    )
    with pytest.raises(ActuatorError, match="not of a known form"):
        place.actuator().apply(SUPPRESS, "k", 600.0)
    assert place.engine.active == "routing_1"


def test_a_wrong_key_is_told_with_what_to_check_and_never_shown(place: Place) -> None:
    actuator = place.actuator("DE_wrong")
    with pytest.raises(ActuatorError, match="PAYOPS_DECISION_ENGINE_KEY") as caught:
        actuator.apply(SUPPRESS, "k", 600.0)
    assert "DE_wrong" not in f"{caught.value!r} {actuator!r}"


@pytest.mark.parametrize(
    ("url", "merchant", "key", "words"),
    [
        ("engine.example", "m", "k", "no address"),
        ("https://a:b@engine.example", "m", "k", "more than an address"),
        ("https://engine.example", "", "k", "DECISION_ENGINE_MERCHANT"),
        ("https://engine.example", "m", "", "PAYOPS_DECISION_ENGINE_KEY"),
        ("https://engine.example", "m", "k\n", "PAYOPS_DECISION_ENGINE_KEY"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_at_the_start(
    url: str, merchant: str, key: str, words: str
) -> None:
    with pytest.raises(SettingsError, match=words):
        EngineApi(url, merchant, key)


def test_one_process_at_a_time_changes_the_routing(place: Place) -> None:
    first, second = place.actuator(), place.actuator()
    with first.ledger.turn(), pytest.raises(ActuatorError, match="Another process"):
        second.apply(SUPPRESS, "k", 600.0)
    assert not second.apply(SUPPRESS, "k", 600.0).reverted


class TestSuccessRates:
    """Without an active rule payments follow success rates: below a threshold a gateway is passed over."""

    @pytest.fixture
    def place(self, place: Place) -> Place:
        place.engine.active = None
        return place

    def test_the_threshold_is_set_between_the_gateway_and_all_others(self, place: Place) -> None:
        place.actuator().apply(SUPPRESS, "k", 600.0)
        assert place.engine.threshold == pytest.approx(0.55)
        held = place.actuator().look_up("k")
        assert held is not None
        assert not held.reverted

    def test_undoing_sets_the_old_threshold(self, place: Place) -> None:
        place.actuator().apply(SUPPRESS, "k", 600.0)
        assert place.actuator().revert("k").reverted
        assert place.actuator().revert("k").reverted
        assert place.engine.threshold == pytest.approx(0.25)

    def test_a_threshold_that_somebody_else_has_set_stays(self, place: Place) -> None:
        place.actuator().apply(SUPPRESS, "k", 600.0)
        place.engine.threshold = 0.4
        assert place.actuator().revert("k").reverted
        assert place.engine.threshold == pytest.approx(0.4)

    def test_a_lost_answer_is_looked_up(self, place: Place) -> None:
        place.engine.troubles["/rule/update"] = "lost"
        with pytest.raises(OutcomeUnknownError):
            place.actuator().apply(SUPPRESS, "k", 600.0)
        assert place.actuator().look_up("k") is not None

    @pytest.mark.parametrize(
        ("scores", "words"),
        [
            ({"alpha": 0.85, "beta": 0.8}, "pass over others too"),
            ({"alpha": 0.1, "beta": 0.8}, "already"),
            ({"beta": 0.8}, "no score of 'alpha'"),
            ({"alpha": 0.3}, "any other gateway"),
        ],
    )
    def test_where_no_threshold_parts_them_nothing_is_changed(
        self, place: Place, scores: dict[str, float], words: str
    ) -> None:
        place.engine.scores = scores
        with pytest.raises(ActuatorError, match=words):
            place.actuator().apply(SUPPRESS, "k", 600.0)
        assert place.engine.threshold == pytest.approx(0.25)

    @pytest.mark.parametrize("action", [REROUTE, Suppress(scope=Segment.of(psp="alpha", method="upi"))])
    def test_anything_else_needs_a_rule(self, place: Place, action: Action) -> None:
        with pytest.raises(ActuatorError, match="No routing rule is active"):
            place.actuator().apply(action, "k", 600.0)
