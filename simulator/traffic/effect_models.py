"""What a scenario file may say about effects: a model for each, with the limits of its numbers."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from payments.segment import Segment
from simulator.traffic import effects
from simulator.traffic.declines import CODES
from simulator.traffic.topology import ATTRIBUTES

CULPRIT = "culprit"
"""Stands in a scope for the value that the culprit has."""
DAY_S = 86_400.0


def unknown(word: str, words: tuple[str, ...], what: str) -> str:
    """Say that a word is none of those, and which there are."""
    near = get_close_matches(word, words, n=3, cutoff=0.6)
    allowed = f"the nearest are {', '.join(near)}" if near else f"there are {', '.join(words)}"
    return f"there is no {what} {word!r}; {allowed}"


def one_of(word: str, words: tuple[str, ...], what: str, where: str = "") -> str:
    """Give a word back; `where` begins the message.

    Raises:
        ValueError: it is not among the words.
    """
    if word not in words:
        raise ValueError(where + unknown(word, words, what))
    return word


def _among(words: tuple[str, ...], what: str) -> tuple[AfterValidator, object]:
    check: Callable[[str], str] = partial(one_of, words=words, what=what)
    return AfterValidator(check), Field(json_schema_extra={"enum": list(words)})


Share = Annotated[float, Field(gt=0.0, le=1.0)]
Factor = Annotated[float, Field(ge=0.01, le=20.0)]
Seconds = Annotated[float, Field(ge=0.0, le=DAY_S)]
Latency = Annotated[float, Field(ge=1.0, le=120_000.0)]
Weight = Annotated[float, Field(ge=1e-6, le=1e6)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,60}$")]
Code = Annotated[str, *_among(CODES, "code")]
Attribute = Annotated[str, *_among(ATTRIBUTES, "attribute")]
Codes = Annotated[dict[Code, Weight], Field(min_length=1, description="Decline code -> its weight.")]
Place = Annotated[
    dict[Attribute, Name], Field(description=f"Attribute -> value, or {CULPRIT!r} for the culprit's.")
]


class Strict(BaseModel):
    """Refuses what it does not know, and takes nothing for a number that is none."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class EffectModel(Strict):
    """What an effect does, when in seconds after the onset, and how strongly."""

    makes: ClassVar[type[effects.Effect]]

    from_s: Annotated[Seconds, Field(description="Begins so long after the onset.")] = 0.0
    until_s: Annotated[Seconds, Field(description="Ends so long after the onset.")] = DAY_S
    rise_s: Annotated[Seconds, Field(description="Takes so long to its full strength.")] = 0.0
    period_s: Annotated[float, Field(ge=1.0, le=DAY_S, description="Comes and goes so often.")] = DAY_S
    on_share: Annotated[
        Share, Field(description="Share of each period, from its start, with the effect.")
    ] = 1.0
    strength: Annotated[float, Field(gt=0.0, le=3.0, description="Factor on what the effect does.")] = 1.0

    def on(self, culprit: Segment) -> effects.Effect:
        """Make the effect on a culprit."""
        return self.makes(**self.model_dump(exclude={"kind", "scope"}), **self.places(culprit))

    def places(self, culprit: Segment) -> dict[str, Any]:
        """Give the fields of the effect that name segments."""
        del culprit
        return {}


class Scoped(EffectModel):
    """An effect on some payments: those of the culprit, unless it says where."""

    scope: Place | None = None

    def places(self, culprit: Segment) -> dict[str, Any]:
        """Give the scope."""
        return {"scope": culprit if self.scope is None else filled(self.scope, culprit)}


class Fails(Scoped):
    """A share of the attempts fails with these codes."""

    makes = effects.Fails
    kind: Literal["fails"]
    share: Share
    codes: Codes
    latency_ms: Annotated[Latency | None, Field(description="Median; null: as long as others.")] = None
    at_door: Annotated[bool, Field(description="Before the route has any work with it.")] = False
    moved_only: Annotated[bool, Field(description="Only what was moved to the route.")] = False


class Throttles(Scoped):
    """Attempts above a multiple of the usual payments are refused, more than proportionally."""

    makes = effects.Throttles
    kind: Literal["throttles"]
    limit: Factor
    codes: Codes
    latency_ms: Latency


class Slows(Scoped):
    """Attempts take longer by a factor."""

    makes = effects.Slows
    kind: Literal["slows"]
    factor: Factor


class CutsOff(Scoped):
    """Attempts that take longer than a limit time out."""

    makes = effects.CutsOff
    kind: Literal["cuts_off"]
    limit_ms: Latency


class Hides(Scoped):
    """A share of the successes is not reported: they stay pending."""

    makes = effects.Hides
    kind: Literal["hides"]
    share: Share


class Surges(Scoped):
    """Payments come more often by a factor, on all routes."""

    makes = effects.Surges
    kind: Literal["surges"]
    factor: Factor


class Attacks(Scoped):
    """Fraudsters try cards, this many times as often as customers pay."""

    makes = effects.Attacks
    kind: Literal["attacks"]
    factor: Factor


class Retries(Scoped):
    """Failed payments are tried again by this share, so often and so soon."""

    makes = effects.Retries
    kind: Literal["retries"]
    share: Share
    max_attempts: Annotated[int, Field(ge=1, le=10)]
    after_s: tuple[Seconds, Seconds]


class Moves(EffectModel):
    """A share of the payments goes to one route, wherever it went before."""

    makes = effects.Moves
    kind: Literal["moves"]
    scope: Place | None = None
    to: Annotated[Name, Field(description=f"A route, or {CULPRIT!r} for the culprit's.")] = CULPRIT
    share: Share

    def places(self, culprit: Segment) -> dict[str, Any]:
        """Give the scope: by itself the culprit's payments, whatever their route."""
        return {"scope": culprit.without("psp") if self.scope is None else filled(self.scope, culprit)}

    def on(self, culprit: Segment) -> effects.Effect:
        """Make the effect on a culprit."""
        to = culprit.root["psp"] if self.to == CULPRIT else self.to
        given = self.model_dump(exclude={"kind", "scope", "to"})
        return effects.Moves(to=to, **given, **self.places(culprit))


class Provisions(EffectModel):
    """Every route has more capacity by a factor, or less."""

    makes = effects.Provisions
    kind: Literal["provisions"]
    factor: Factor
    strength: Share = 1.0


class Renames(EffectModel):
    """A share of the failures with one code comes under others."""

    makes = effects.Renames
    kind: Literal["renames"]
    code: Code
    share: Share
    to: Codes


AnyEffect = Annotated[
    Fails | Throttles | Slows | CutsOff | Hides | Surges | Attacks | Retries | Moves | Provisions | Renames,
    Field(discriminator="kind"),
]
KINDS: Mapping[str, type[EffectModel]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(get_args(AnyEffect)[0])
}
"""The effect models by their kinds."""


def filled(place: Mapping[str, str], culprit: Segment) -> Segment:
    """Fill the culprit's values in; what it leaves open stays open."""
    values = {name: culprit.get(name) if value == CULPRIT else value for name, value in place.items()}
    return Segment({name: value for name, value in values.items() if value is not None})
