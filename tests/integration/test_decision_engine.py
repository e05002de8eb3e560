"""The Decision Engine's actuator against its public OpenAPI document: no request may differ from it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from payments.action import Suppress
from payments.errors import ActuatorError
from payments.segment import Segment
from tests.integration.prism import prism
from tests.tools.actuator_contract import REROUTE, SUPPRESS
from tests.tools.actuators.engine import KEY, MERCHANT, PRIORITY, Engine, serving
from tests.tools.actuators.test_decision_engine import NOW
from tools.actuators.decision_engine.actuator import DecisionEngineActuator
from tools.actuators.decision_engine.api import EngineApi
from tools.actuators.decision_engine.ledger import Ledger
from tools.database import open_database

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("prism")]

PATIENT_S = 30.0


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.fixture(scope="module")
def checked(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve an engine behind Prism, which refuses what the document does not allow, either way."""
    with serving(engine) as behind, prism(tmp_path_factory.mktemp("proxy"), before=behind) as url:
        yield url


@pytest.fixture(scope="module")
def mocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the document's own examples."""
    with prism(tmp_path_factory.mktemp("mock")) as url:
        yield url


@pytest.fixture
def actuator(engine: Engine, checked: str, tmp_path: Path) -> Iterator[DecisionEngineActuator]:
    engine.rules.clear()
    engine.active = engine.hold(PRIORITY)
    database = open_database(tmp_path / "payops.db")
    api = EngineApi(checked, MERCHANT, KEY, PATIENT_S)
    yield DecisionEngineActuator(api, Ledger(database, MERCHANT, "a process"), lambda: NOW)
    database.dispose()


def test_actions_come_and_go_by_the_document(actuator: DecisionEngineActuator, engine: Engine) -> None:
    narrow = Suppress(scope=Segment.of(psp="gamma", network="visa", issuer="hdfc"))
    assert not actuator.apply(REROUTE, "one", 600.0).reverted
    assert not actuator.apply(narrow, "two", 600.0).reverted
    assert not actuator.apply(SUPPRESS, "three", 600.0, replaces="one").reverted
    for key in ("two", "three"):
        assert actuator.revert(key).reverted
    assert engine.active == "routing_1"


def test_a_made_rule_is_found_again_by_the_document(actuator: DecisionEngineActuator, engine: Engine) -> None:
    engine.troubles["/routing/activate"] = "500"
    with pytest.raises(ActuatorError):
        actuator.apply(SUPPRESS, "k", 600.0)
    assert not actuator.apply(SUPPRESS, "k", 600.0).reverted
    assert len(engine.rules) == 2


def test_the_threshold_is_changed_by_the_document(actuator: DecisionEngineActuator, engine: Engine) -> None:
    engine.active = None
    actuator.apply(SUPPRESS, "k", 600.0)
    assert engine.threshold == pytest.approx(0.55)
    actuator.revert("k")
    assert engine.threshold == pytest.approx(0.25)


def test_a_request_that_differs_from_the_document_is_refused(checked: str) -> None:
    """Otherwise the tests above would say nothing."""
    wrong = httpx.post(
        f"{checked}/routing/activate",
        json={"created_by": MERCHANT},
        headers={"x-api-key": KEY},
        trust_env=False,
    )
    assert wrong.status_code == 422
    with pytest.raises(ActuatorError, match="does not let us in"):
        EngineApi(checked, MERCHANT, "DE_wrong", PATIENT_S).keys()


def test_the_documents_own_examples_are_understood(mocked: str) -> None:
    api = EngineApi(mocked, MERCHANT, KEY, PATIENT_S)
    active = api.active()
    assert active is not None
    assert active.id.startswith("routing_")
    assert api.create("a name", "", PRIORITY).startswith("routing_")
    api.activate("rule_abc123")
    api.set_elimination({"threshold": 0.3})
    assert isinstance(api.rules(), list)
    assert isinstance(api.offered({}), frozenset)
    assert api.keys()
    assert api.elimination()
    assert api.scores()
