"""A routing rule of the Decision Engine, read from and written to the JSON that it keeps.

Whatever its type, a rule is a program: conditions, the first of which to hold says where a payment goes, and
where it goes when none does. What a payment is offered is read as lists of gateways in their order, each list
with its share of the payments.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from payments.errors import ActuatorError

WHOLE = 100
MOST_WEIGHT = 255
"""The engine keeps a weight in a byte; what they add up to is the whole, be it 100 or not."""
Json = Mapping[str, Any]


@dataclass(frozen=True, order=True)
class Gateway:
    """A gateway, and which of the merchant's accounts there."""

    name: str
    account: str | None = None


@dataclass(frozen=True)
class Part:
    """Some of the payments, and the gateways that these are offered, the first one first."""

    weight: int
    order: tuple[Gateway, ...]


Offer = tuple[Part, ...]


@dataclass(frozen=True)
class Branch:
    """What payments are offered for which one of the statements holds."""

    name: str
    statements: Sequence[Json]
    offer: Offer


@dataclass(frozen=True)
class Program:
    """A whole rule."""

    branches: tuple[Branch, ...]
    otherwise: Offer
    names: Json = field(default_factory=dict)
    """What conditions may refer to by name (`globals`)."""

    def gateways(self) -> Iterator[Gateway]:
        """Give every gateway that it speaks of, some of them more than once."""
        for offer in (*(branch.offer for branch in self.branches), self.otherwise):
            for part in offer:
                yield from part.order


def read(algorithm: Json) -> Program:
    """Read a rule.

    Raises:
        ActuatorError: it is of a kind that cannot be changed by way of conditions, or of a form not known.
    """
    kind, data = algorithm.get("type"), algorithm.get("data")
    try:
        if kind == "advanced" and isinstance(data, Mapping):
            return _program(data)
        if kind in {"single", "priority", "volume_split"}:
            return Program((), _offer({str(kind): data}))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ActuatorError(
            f"The active rule of the Decision Engine is of a form that is not known ({type(error).__name__}: "
            f"{error}): nothing was changed."
        ) from error
    raise ActuatorError(
        f"The active rule of the Decision Engine is of the type {str(kind)[:40]!r}, which has no place for "
        "an action of the crew; activate one of the type single, priority, volume_split or advanced."
    )


def write(program: Program) -> dict[str, Any]:
    """Write a rule in the simplest type that says it."""
    (kind, data), *_ = written(program.otherwise).items()
    if program.branches or kind == "volume_split_priority":
        return {"type": "advanced", "data": _advanced(program)}
    if kind == "priority" and len(data) == 1:
        return {"type": "single", "data": data[0]}
    return {"type": kind, "data": data}


def written(offer: Offer) -> dict[str, Any]:
    """Write what payments are offered, under the name of the simplest form for it."""
    if len(offer) == 1:
        return {"priority": [_connector(one) for one in offer[0].order]}
    if _is_split(offer):
        return {
            "volume_split": [{"split": part.weight, "output": _connector(part.order[0])} for part in offer]
        }
    return {
        "volume_split_priority": [
            {"split": part.weight, "output": [_connector(one) for one in part.order]} for part in offer
        ]
    }


def _is_split(offer: Offer) -> bool:
    """Say whether each part is one gateway, the others following as they stand."""
    firsts = [part.order[0] for part in offer]
    return all(part.order == _winner_first(firsts, place) for place, part in enumerate(offer))


def _winner_first(firsts: Sequence[Gateway], place: int) -> tuple[Gateway, ...]:
    """Give the order in which the engine offers the gateways of a split when one of them was drawn."""
    return (firsts[place], *(one for other, one in enumerate(firsts) if other != place))


def _program(data: Json) -> Program:
    branches = tuple(
        Branch(str(one["name"]), tuple(map(_statement, one["statements"])), _offer(_output_of(one)))
        for one in data["rules"]
    )
    return Program(branches, _offer(data["default_selection"]), data.get("globals") or {})


def _statement(given: Json) -> Json:
    """Look whether a statement has what is read of it later, and give it as it is."""
    for one in given["condition"]:
        if not isinstance(one["lhs"], str) or not isinstance(one["value"]["type"], str):
            raise TypeError("condition")
        _ = one["comparison"], one["value"]["value"]
    for nested in given.get("nested") or ():
        _statement(nested)
    return given


def _output_of(branch: Json) -> Json:
    """Give what a branch leads to; the engine takes two spellings of the field."""
    found = branch["output"] if "output" in branch else branch["routingOutput"]
    if not isinstance(found, Mapping):
        raise TypeError("no output")
    return found


def _offer(output: Json) -> Offer:
    ((kind, data),) = output.items()
    match kind:
        case "single":
            parts: Sequence[Part] = (Part(WHOLE, (_gateway(data),)),)
        case "priority":
            parts = (Part(WHOLE, tuple(map(_gateway, data))),)
        case "volume_split":
            drawn = [(_weight(one), _only(one)) for one in data]
            firsts = [gateway for _, gateway in drawn]
            parts = [Part(weight, _winner_first(firsts, place)) for place, (weight, _) in enumerate(drawn)]
        case "volume_split_priority":
            parts = [Part(_weight(one), tuple(map(_gateway, one["output"]))) for one in data]
        case _:
            raise ValueError(f"output {str(kind)[:40]!r}")
    if not any(part.weight for part in parts) or not all(part.order for part in parts):
        raise ValueError("an output without gateways")
    return tuple(parts)


def _only(split: Json) -> Gateway:
    """Give the gateway of a part; the engine's own examples write it as a list of one, under another name."""
    if "output" in split:
        return _gateway(split["output"])
    (only,) = split["connectors"]
    return _gateway(only)


def _weight(split: Json) -> int:
    weight = split["split"]
    if isinstance(weight, bool) or not isinstance(weight, int) or not 0 <= weight <= MOST_WEIGHT:
        raise ValueError(f"split {weight!r}")
    return weight


def _gateway(given: Json) -> Gateway:
    account = given.get("gateway_id")
    return Gateway(str(given["gateway_name"]), None if account is None else str(account))


def _connector(gateway: Gateway) -> dict[str, str | None]:
    return {"gateway_name": gateway.name, "gateway_id": gateway.account}


def _advanced(program: Program) -> dict[str, Any]:
    return {
        "globals": dict(program.names),
        "default_selection": written(program.otherwise),
        "rules": [_branch(branch) for branch in program.branches],
        "metadata": {},
    }


def _branch(branch: Branch) -> dict[str, Any]:
    output = written(branch.offer)
    (kind,) = output
    return {
        "name": branch.name,
        "routing_type": kind,
        "output": output,
        "statements": list(branch.statements),
    }
