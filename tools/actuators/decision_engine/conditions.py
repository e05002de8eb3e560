"""The scope of an action in the words of the engine's rules."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from payments.errors import ActuatorError
from payments.segment import Role, Segment, role_of
from tools.actuators.decision_engine.api import RoutingKey

KEYS_OF: Mapping[Role, Sequence[str]] = {
    "network": ("card_network",),
    "method": ("payment_method", "payment_method_type"),
    "issuer": ("issuer_name",),
    "country": ("issuer_country", "billing_country"),
}
"""What the engine calls what plays a role in a payment; the first that knows the value is meant."""
NAMED_OTHERWISE = {"bin": ("card_bin",), "issuer_country": ("issuer_country",), "currency": ("currency",)}
"""Attributes whose key their name tells better than their role does."""
NUMBER_DIGITS = 18

Condition = dict[str, Any]


def conditions_of(scope: Segment, keys: Mapping[str, RoutingKey], merchant: str) -> list[Condition]:
    """Give what holds for the payments of a scope and for no others; its route is an outcome, no condition.

    Raises:
        ActuatorError: rules cannot speak of an attribute, or do not know its value.
    """
    found = []
    for name, value in scope.root.items():
        role = role_of(name)
        if role == "route" or (role == "merchant" and value == merchant):
            continue
        condition = next(_conditions(name, value, keys), None)
        if condition is None:
            raise ActuatorError(
                f"Rules of the Decision Engine cannot speak of {name} {value!r}: of its routing keys "
                f"{', '.join(_candidates(name))} would fit, and none knows the value; nothing was changed."
            )
        found.append(condition)
    return found


def parameters_of(conditions: Sequence[Condition]) -> dict[str, Any]:
    """Give a payment for which the conditions hold, in the form that the engine's dry run takes."""
    return {condition["lhs"]: _example(condition["value"]) for condition in conditions}


def holds(condition: Mapping[str, Any], parameters: Mapping[str, Any]) -> bool:
    """Say whether a condition holds for a payment; one on what the payment does not tell never does."""
    given, wanted = parameters.get(condition["lhs"]), condition["value"]
    if given is None:
        return False
    values = wanted["value"] if isinstance(wanted["value"], list) else [wanted["value"]]
    is_one = bool(given["value"] in values)
    return is_one if condition["comparison"] == "equal" else not is_one


def _candidates(name: str) -> tuple[str, ...]:
    lower = name.lower()
    return (*NAMED_OTHERWISE.get(lower, ()), *dict.fromkeys((lower, *KEYS_OF.get(role_of(name), ()))))


def _conditions(name: str, value: str, keys: Mapping[str, RoutingKey]) -> Iterator[Condition]:
    for candidate in _candidates(name):
        wanted = _value(keys[candidate], value) if candidate in keys else None
        if wanted is not None:
            yield {"lhs": candidate, "comparison": "equal", "value": wanted, "metadata": {}}


def _value(key: RoutingKey, value: str) -> dict[str, Any] | None:
    match key.type:
        case "enum":
            return _enumerated(key.values or "", value)
        case "str_value" if value:
            return {"type": "str_value", "value": value}
        case "integer" if value.isascii() and value.isdigit() and len(value) <= NUMBER_DIGITS:
            return {"type": "number", "value": int(value)}
        case _:
            return None


def _enumerated(known: str, value: str) -> dict[str, Any] | None:
    """Give every spelling of a value: the engine lists several of some, and compares letter by letter."""
    spellings = [one.strip() for one in known.split(",") if _plain(one) == _plain(value)]
    if not spellings:
        return None
    if len(spellings) == 1:
        return {"type": "enum_variant", "value": spellings[0]}
    return {"type": "enum_variant_array", "value": spellings}


def _plain(value: str) -> str:
    return "".join(letter for letter in value.casefold() if letter.isalnum())


def _example(wanted: Mapping[str, Any]) -> dict[str, Any]:
    if wanted["type"] == "enum_variant_array":
        return {"type": "enum_variant", "value": wanted["value"][0]}
    return dict(wanted)
