"""An action of the crew laid over a routing rule: what is in its scope goes elsewhere, all else as before.

Payments of a scope may go where several branches of a rule send them, so each branch is preceded by its
twin for the scope: the same conditions and those of the scope, and what the action makes of its gateways.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, assert_never

from payments.action import Action, AdjustRetryPolicy, Alert, NoAction, Reroute, Suppress
from payments.errors import ActuatorError
from tools.actuators.decision_engine.conditions import Condition, holds
from tools.actuators.decision_engine.program import WHOLE, Branch, Gateway, Offer, Part, Program

Change = Callable[[Offer], Offer]
EPSILON = 1e-9
"""A share such as .29 times 100 parts is a little below 29."""

T = TypeVar("T")


def laid_over(program: Program, action: Action, conditions: Sequence[Condition]) -> Program:
    """Give the rule with an action in force.

    Raises:
        ActuatorError: a rule cannot say it, or it would change nothing.
    """
    change = _change(action, program)
    branches = [twin for branch in program.branches for twin in _with_twin(branch, change, conditions)]
    otherwise = change(program.otherwise)
    if otherwise != program.otherwise and conditions:
        branches.append(Branch("payops", ({"condition": list(conditions), "nested": None},), otherwise))
        otherwise = program.otherwise
    laid = replace(program, branches=tuple(branches), otherwise=otherwise)
    if laid == program:
        raise ActuatorError(
            f"The active rule of the Decision Engine offers no payment of {action.scope} first to "
            f"{_route_of(action)!r}, or the share is below 1 % of them, so there is nothing to move."
        )
    return laid


def offered(program: Program, parameters: Mapping[str, Any]) -> frozenset[str]:
    """Give the gateways that a rule offers a payment, as the engine should."""
    offer = next(
        (branch.offer for branch in program.branches if _any_holds(branch.statements, parameters)),
        program.otherwise,
    )
    return frozenset(gateway.name for part in offer for gateway in part.order)


def _any_holds(statements: Sequence[Mapping[str, Any]], parameters: Mapping[str, Any]) -> bool:
    return any(
        all(holds(one, parameters) for one in statement["condition"])
        and (not statement.get("nested") or _any_holds(statement["nested"], parameters))
        for statement in statements
    )


def _with_twin(branch: Branch, change: Change, conditions: Sequence[Condition]) -> tuple[Branch, ...]:
    offer = change(branch.offer)
    if offer == branch.offer:
        return (branch,)
    if not conditions:
        return (replace(branch, offer=offer),)
    narrowed = [
        {**statement, "condition": [*statement["condition"], *conditions]} for statement in branch.statements
    ]
    return Branch(f"payops: {branch.name}", tuple(narrowed), offer), branch


def _change(action: Action, program: Program) -> Change:
    match action:
        case Reroute():
            return _rerouting(action, program)
        case Suppress():
            return _without(_named(_route_of(action), program))
        case AdjustRetryPolicy():
            raise ActuatorError(
                "The Decision Engine chooses the gateway of an attempt and has no rule on how often or how "
                "soon a payment is attempted again: that takes an actuator of your own (ACTUATOR_URL)."
            )
        case Alert() | NoAction():
            raise ActuatorError(f"{action.kind.value} touches no payment: there is nothing to carry out.")
    assert_never(action)


def _route_of(action: Action) -> str:
    """Give the route that an action moves payments from."""
    named = action.scope.role("route")
    source = action.from_route if isinstance(action, Reroute) else named
    if source is None:
        raise ActuatorError(
            f"A rule of the Decision Engine can pass over a gateway, and {action.scope} names none: no rule "
            "offers payments to nobody."
        )
    if named not in {None, source}:
        raise ActuatorError(
            f"The scope is on the route {named!r} and payments are to leave {source!r}: no payment is both."
        )
    return source


def _named(route: str, program: Program) -> Gateway:
    """Find a gateway of the rule by its name, or by `name:account` where there are several accounts.

    Raises:
        ActuatorError: the rule speaks of no such gateway, or of several.
    """
    known = sorted(set(program.gateways()), key=str)
    found = [one for one in known if route in {one.name, f"{one.name}:{one.account}"}]
    if len(found) == 1:
        return found[0]
    names = ", ".join(sorted({_full(one) for one in known}))
    trouble = "several accounts of" if found else "no gateway"
    raise ActuatorError(
        f"The active rule of the Decision Engine speaks of {trouble} {route!r}; it knows {names}."
    )


def _full(gateway: Gateway) -> str:
    return gateway.name if gateway.account is None else f"{gateway.name}:{gateway.account}"


def _rerouting(action: Reroute, program: Program) -> Change:
    if action.limits_per_s:
        raise ActuatorError(
            f"The Decision Engine cannot limit the attempts a second of {', '.join(action.limits_per_s)}: it "
            "splits payments by shares alone. That takes an actuator of your own (ACTUATOR_URL)."
        )
    source = _named(_route_of(action), program)
    targets = {_named(route, program): fraction for route, fraction in action.to.items()}
    if source in targets:
        raise ActuatorError(f"Payments cannot be moved from {_full(source)!r} to itself.")
    return lambda offer: _moved(offer, source, targets, action.share)


def _moved(offer: Offer, source: Gateway, targets: Mapping[Gateway, float], share: float) -> Offer:
    """Move whole hundredths of the payments, rounded down: never more than was decided.

    Who is moved is offered the gateway that it leaves after all others.
    """
    parts: list[Part] = []
    for part in _of_hundred(offer):
        if part.order[0] != source:
            parts.append(part)
            continue
        moved = {
            target: int(part.weight * share * fraction + EPSILON) for target, fraction in targets.items()
        }
        rest = part.weight - sum(moved.values())
        parts += [Part(rest, part.order)] if rest else []
        parts += [Part(weight, _led_by(target, part, source)) for target, weight in moved.items() if weight]
    added = _added_up(parts)
    return offer if added == _added_up(_of_hundred(offer)) else added


def _led_by(target: Gateway, part: Part, source: Gateway) -> tuple[Gateway, ...]:
    return (target, *(one for one in part.order if one not in {target, source}), source)


def _without(gateway: Gateway) -> Change:
    """Give what takes a gateway out; others take its share as theirs stand to each other."""

    def change(offer: Offer) -> Offer:
        if not any(gateway in part.order for part in offer):
            return offer
        offered = [part for part in offer if part.weight]
        led = [part for part in offered if part.order[0] != gateway] or offered
        parts = [Part(part.weight, tuple(one for one in part.order if one != gateway)) for part in led]
        if not all(part.order for part in parts):
            raise ActuatorError(
                f"By the active rule of the Decision Engine some payments know {_full(gateway)!r} alone: "
                "without it they would go nowhere, so nothing was changed."
            )
        return _added_up(_of_hundred(parts))

    return change


def _added_up(parts: Sequence[Part]) -> Offer:
    """Put parts with the same order together."""
    weights: dict[tuple[Gateway, ...], int] = {}
    for part in parts:
        weights[part.order] = weights.get(part.order, 0) + part.weight
    return tuple(Part(weight, order) for order, weight in weights.items())


def _of_hundred(parts: Sequence[Part]) -> Offer:
    """Give the weights in hundredths, by the largest remainders (Hamilton's method)."""
    total = sum(part.weight for part in parts)
    exact = [part.weight * WHOLE / total for part in parts]
    whole = [int(one) for one in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: (whole[place] - exact[place], place))
    for place in by_remainder[: WHOLE - sum(whole)]:
        whole[place] += 1
    return tuple(Part(weight, part.order) for weight, part in zip(whole, parts, strict=True) if weight)
