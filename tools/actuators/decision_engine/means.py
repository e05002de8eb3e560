"""The two means of routing otherwise: the active rule, and the score that a gateway needs to be used."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from json import dumps
from typing import Any, Final, Protocol

from payments.action import Action, Suppress
from payments.errors import ActuatorError
from payments.segment import role_of
from tools.actuators.decision_engine.api import EngineApi, RoutingKey
from tools.actuators.decision_engine.conditions import Condition, conditions_of, parameters_of
from tools.actuators.decision_engine.ledger import Standing
from tools.actuators.decision_engine.overlay import laid_over, offered
from tools.actuators.decision_engine.program import Json, read, write

DIGEST_DIGITS: Final = 12


class Means(Protocol):
    """How the engine is told to route otherwise."""

    @property
    def kind(self) -> str:
        """Name in the records."""

    def now(self) -> Standing | None:
        """Give what is in force; None where the engine does not work by these means."""

    def laid(self, data: Json, action: Action) -> Json:
        """Lay an action over what stands.

        Raises:
            ActuatorError: it cannot be said, or would change nothing.
        """

    def made(self, data: Json, key: str, base: Standing, *, seen: bool) -> Standing:
        """Make it known to the engine, under a key; payments do not follow it yet.

        `seen` says that a process may have made it before and died.
        """

    def check(self, standing: Standing, action: Action) -> None:
        """Try what is in force on a payment in the scope of an action.

        Raises:
            ActuatorError: the engine does not do what stands there.
        """

    def put(self, standing: Standing) -> None:
        """Put it in force."""


@dataclass(frozen=True)
class Rules:
    """Routing by the active rule of the merchant; one for each change, for it reads the routing keys once."""

    api: EngineApi
    kind: str = "rule"

    def now(self) -> Standing | None:
        """Give the active rule."""
        active = self.api.active()
        return None if active is None else Standing(active.id, active.algorithm_data)

    def laid(self, data: Json, action: Action) -> Json:
        """Lay an action over a rule."""
        return write(laid_over(read(data), action, self._conditions(action)))

    def made(self, data: Json, key: str, base: Standing, *, seen: bool) -> Standing:
        """Make a rule that is named by the key, so that it is found again."""
        name = named(key, data)
        found = self._find(name) if seen else None
        about = f"Made by PayOps Crew. What was active before is the rule {base.mark}."
        return Standing(found or self.api.create(name, about, data), data)

    def check(self, standing: Standing, action: Action) -> None:
        """Let the engine route a payment that there is not, and compare with what the rule says."""
        given = parameters_of(self._conditions(action))
        expected, found = offered(read(standing.data), given), self.api.offered(given)
        if found != expected:
            raise ActuatorError(
                f"In its dry run the Decision Engine offers {_names(found)} to a payment of {action.scope}, "
                f"and its active rule says {_names(expected)}: it does not follow this rule."
            )

    def put(self, standing: Standing) -> None:
        """Activate a rule."""
        self.api.activate(standing.mark)

    def _find(self, name: str) -> str | None:
        return next((rule.id for rule in self.api.rules() if rule.name == name), None)

    def _conditions(self, action: Action) -> list[Condition]:
        is_narrow = len(action.scope) > len(_routes_in(action))
        return conditions_of(action.scope, self._keys if is_narrow else {}, self.api.merchant)

    @cached_property
    def _keys(self) -> Mapping[str, RoutingKey]:
        return self.api.keys()


@dataclass(frozen=True)
class Elimination:
    """Routing by success rates: a gateway that scores below a threshold is passed over."""

    api: EngineApi
    kind: str = "elimination"

    def now(self) -> Standing | None:
        """Give the threshold."""
        data = self.api.elimination()
        return Standing(f"elimination below {_threshold(data)!r}", data)

    def laid(self, data: Json, action: Action) -> Json:
        """Choose a threshold between the gateway that is to be passed over and those that are not yet."""
        gateway, threshold = _whole_gateway(action), _threshold(data)
        low, high = self._between(gateway, threshold)
        if low < threshold:
            raise ActuatorError(
                f"The Decision Engine passes over {gateway!r} already: it scores {low:.3f} at most, and the "
                f"threshold is {threshold}."
            )
        chosen = round((low + high) / 2, 4)
        if not low < chosen < high:
            raise ActuatorError(
                f"No threshold parts {gateway!r} (scores up to {low:.3f}) from the other gateways (from "
                f"{high:.3f}): the Decision Engine would pass over others too. Nothing was changed."
            )
        return {**data, "threshold": chosen}

    def made(self, data: Json, key: str, base: Standing, *, seen: bool) -> Standing:
        """Name the threshold; nothing has to be made."""
        return Standing(f"elimination below {_threshold(data)!r}", data)

    def check(self, standing: Standing, action: Action) -> None:
        """Read the threshold again; the engine has no dry run of its scores."""
        found = _threshold(self.api.elimination())
        if found != _threshold(standing.data):
            raise ActuatorError(
                f"The Decision Engine holds the threshold {found} and not {_threshold(standing.data)}."
            )

    def put(self, standing: Standing) -> None:
        """Set the threshold."""
        self.api.set_elimination(standing.data)

    def _between(self, gateway: str, threshold: float) -> tuple[float, float]:
        """Give the highest score of a gateway and the lowest of the others that are in use."""
        scores = [(one.gateway, one.score_value) for one in self.api.scores() if one.score_value is not None]
        own = [score for name, score in scores if name == gateway]
        others = [score for name, score in scores if name != gateway and score >= threshold]
        if not own or not others:
            whose = f"of {gateway!r}" if not own else "above the threshold of any other gateway"
            raise ActuatorError(f"The Decision Engine has no score {whose}: nothing was changed.")
        return max(own), min(others)


def named(key: str, data: Json) -> str:
    """Name a rule by its key and what it says: a second try of the same finds what the first has made."""
    digest = sha256(dumps(data, sort_keys=True).encode("ascii")).hexdigest()[:DIGEST_DIGITS]
    return f"payops {key} {digest}"


def _threshold(data: Json) -> float:
    threshold: Any = data.get("threshold")
    if isinstance(threshold, bool) or not isinstance(threshold, int | float):
        raise ActuatorError(
            "The Decision Engine tells no elimination threshold of this merchant: set one first."
        )
    return float(threshold)


def _whole_gateway(action: Action) -> str:
    routes = _routes_in(action)
    if not isinstance(action, Suppress) or len(action.scope) != 1 or not routes:
        raise ActuatorError(
            "No routing rule is active for this merchant, so its payments follow success rates alone. Then a "
            f"whole gateway can be passed over, and not {action.kind.value} of {action.scope} carried out: "
            "activate a rule at the Decision Engine for the crew to change."
        )
    return routes[0]


def _routes_in(action: Action) -> list[str]:
    return [value for name, value in action.scope.root.items() if role_of(name) == "route"]


def _names(gateways: Collection[str]) -> str:
    return ", ".join(sorted(gateways)) or "nothing"
