"""What people may set, from the environment (prefix PAYOPS_) and a TOML file; the environment wins."""

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from guardrails.policy import TABLE, Policy, in_words
from payments.errors import SettingsError
from payments.verdict import Mode

PREFIX = "PAYOPS_"
DEFAULT_FILE = Path("payops.toml")
FILE_VARIABLE = "PAYOPS_CONFIG"

ACTUATOR_SECRET = "PAYOPS_ACTUATOR_SECRET"  # noqa: S105 - the name of the variable, not what it holds

AUDIT_KEY = "PAYOPS_AUDIT_KEY"

LLM_KEY = "PAYOPS_LLM_API_KEY"

CHROMA_TOKEN = "PAYOPS_CHROMA_TOKEN"  # noqa: S105

SOURCE_PASSWORD = "PAYOPS_SOURCE_PASSWORD"  # noqa: S105
PUSH_TOKEN = "PAYOPS_PUSH_TOKEN"  # noqa: S105

DECISION_ENGINE_KEY = "PAYOPS_DECISION_ENGINE_KEY"
ALERTMANAGER_TOKEN = "PAYOPS_ALERTMANAGER_TOKEN"  # noqa: S105
SLACK_WEBHOOK = "PAYOPS_SLACK_WEBHOOK"
SLACK_SIGNING_SECRET = "PAYOPS_SLACK_SIGNING_SECRET"  # noqa: S105
PAGERDUTY_KEY = "PAYOPS_PAGERDUTY_KEY"
ALERT_WEBHOOK_SECRET = "PAYOPS_ALERT_WEBHOOK_SECRET"  # noqa: S105
ALERT_SECRETS = (ALERTMANAGER_TOKEN, SLACK_WEBHOOK, SLACK_SIGNING_SECRET, PAGERDUTY_KEY, ALERT_WEBHOOK_SECRET)
"""What alerts are sent with; whoever knows the address of a Slack webhook can write to its channel."""
PUSH_KEYS = ("PAYOPS_STRIPE_KEY", "PAYOPS_ADYEN_KEY", "PAYOPS_HYPERSWITCH_KEY")
"""With these each sender of events signs what it sends."""

_RESERVED = (
    FILE_VARIABLE,
    ACTUATOR_SECRET,
    AUDIT_KEY,
    LLM_KEY,
    CHROMA_TOKEN,
    SOURCE_PASSWORD,
    PUSH_TOKEN,
    DECISION_ENGINE_KEY,
    *ALERT_SECRETS,
    *PUSH_KEYS,
)
"""Variables that are ours but read elsewhere."""

_SECRETIVE = ("URL", "DSN", "KEY", "TOKEN", "SECRET", "PASSWORD", "WEBHOOK")
"""A value under such a name may hold a password and is never repeated in a message."""

SET_ABOVE = ("confidence_threshold", "max_autonomous_volume")
"""Limits that are settings of their own, so that nobody sets them twice."""

_Optional = BeforeValidator(lambda value: None if value == "" else value)
"""An empty text is as good as no value."""

_Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]


class Settings(BaseSettings):
    """Every setting with its default; the description says what is allowed.

    The environment wins over arguments, as those come from the file: `load_settings` makes these.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    confidence_threshold: float = Field(0.8, ge=0, le=1, description="a number from 0 to 1")
    """The crew acts alone only at this confidence or above."""
    max_autonomous_volume: int = Field(5_000, ge=1, description="a whole number of attempts, at least 1")
    """Payments per window that an autonomous action may touch at most."""
    aggregation_window_sec: _Seconds = Field(
        60, description="seconds above 0, at most 86400, a multiple of TICK_SEC"
    )
    tick_sec: _Seconds = Field(5, description="seconds above 0, at most 86400")
    source_delay_sec: float = Field(5, ge=0, le=86_400, description="seconds from 0 to 86400")
    """How long after its end an increment of a live source is read: what comes later is not in it."""
    source_history_sec: float = Field(3_600, ge=0, le=2_678_400, description="seconds from 0 to 2678400")
    """How far back what is normal is learned from, by the first watch of a live source."""
    source_catch_up_sec: float = Field(86_400, ge=0, le=2_678_400, description="seconds from 0 to 2678400")
    """How far back is read what was missed while a live source, or the watch, was down."""
    state_dir: Path = Field(Path("state"), description="a folder")
    """Where incidents, checkpoints, lessons and alerts lie."""
    database_url: Annotated[SecretStr | None, _Optional] = Field(
        None, description="postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
    )
    """Where incidents, checkpoints, approvals, outbox and audit log lie then; workers may share it."""
    chroma_url: Annotated[str | None, _Optional] = Field(None, description="an http or https address")
    """Of a Chroma server that indexes the lessons in place of the folder; PAYOPS_CHROMA_TOKEN lets us in."""
    lessons_kept_days: int = Field(730, ge=1, le=36_500, description="a whole number of days from 1 to 36500")
    """Age from which a lesson is forgotten, by the feed's clock when a newer one is learned."""
    actuator_url: Annotated[str | None, _Optional] = Field(None, description="an http or https address")
    """Where actions are sent; PAYOPS_ACTUATOR_SECRET, in the environment alone, signs them."""
    decision_engine_url: Annotated[str | None, _Optional] = Field(
        None, description="an http or https address"
    )
    """Of Juspay's Decision Engine, where actions become rules; PAYOPS_DECISION_ENGINE_KEY lets us in."""
    decision_engine_merchant: str = Field("", description="the id of a merchant at the Decision Engine")
    alertmanager_url: Annotated[str | None, _Optional] = Field(None, description="an http or https address")
    """Of Prometheus Alertmanager; PAYOPS_ALERTMANAGER_TOKEN is a bearer token for it."""
    pagerduty_url: str = Field("https://events.pagerduty.com", description="an http or https address")
    """Where PagerDuty takes events, once PAYOPS_PAGERDUTY_KEY is an integration key of a service."""
    alert_webhook_url: Annotated[str | None, _Optional] = Field(None, description="an http or https address")
    """Where alerts are posted as JSON, signed with PAYOPS_ALERT_WEBHOOK_SECRET."""
    slack_users_file: Annotated[Path | None, _Optional] = Field(None, description="a file")
    """Who decides by buttons in Slack: lines of user id:name:role. PAYOPS_SLACK_WEBHOOK names the channel,
    PAYOPS_SLACK_SIGNING_SECRET proves the clicks."""
    console_url: Annotated[str | None, _Optional] = Field(None, description="an http or https address")
    """By which people reach the console; alerts link to it."""
    false_alarms_per_week: float = Field(1.0, gt=0, allow_inf_nan=False, description="a number above 0")
    """False alarms that the monitor may raise per week of quiet traffic."""
    mode: Annotated[Mode | None, _Optional] = Field(None, description="shadow, copilot or autopilot")
    """How far the crew may go; by default autopilot where nothing real is touched, else copilot."""
    kill: int = Field(0, ge=0, le=1, description="0 or 1")
    """1 stops every write to traffic, as the file KILL in the state folder does."""
    console_tokens_file: Annotated[Path | None, _Optional] = Field(None, description="a file")
    """Who may sign in to the console in a browser: lines of name:role:sha256."""
    console_proxy: Annotated[str | None, _Optional] = Field(None, description="the IP address of a proxy")
    """Whose headers say who sends a request to the console."""
    console_hosts: str = Field("", description="names of the console, separated by commas")
    """By which the console may be called, beside those of the loopback address and its own."""
    llm_base_url: Annotated[str | None, _Optional] = Field(None, description="an http or https address")
    """Of an OpenAI-compatible server; PAYOPS_LLM_API_KEY, in the environment alone, is its key."""
    llm_model: Annotated[str | None, _Optional] = Field(None, description="the name of a model")
    llm_timeout_s: float = Field(
        6.0, gt=0, le=20, allow_inf_nan=False, description="seconds above 0, at most 20"
    )
    """Most that asking may take, whatever happens; a lease on an incident lasts 30 s."""
    llm_weight: float = Field(0.0, ge=0, le=0.7, description="a number from 0 to 0.7")
    """Weight of its ranking in the second column of probabilities that people see; no decision uses it."""
    llm_budget: int = Field(
        1_750, ge=1_750, description="a whole number of tokens, at least 1750, which is one call"
    )
    log: Literal["text", "json"] = Field("text", description="text or json")
    """How standard error is written: for people, or as one line of JSON for each thing that happened."""
    guardrails: Annotated[Policy, NoDecode] = Field(
        Policy(), description="the table [guardrails] of the settings file"
    )
    """The limits of autonomous action."""

    @property
    def policy(self) -> Policy:
        """The guardrails with the limits that are settings of their own."""
        return self.guardrails.model_copy(update={name: getattr(self, name) for name in SET_ABOVE})

    @field_validator("*", mode="before")
    @classmethod
    def _no_switch(cls, value: object) -> object:
        if isinstance(value, bool):
            msg = "true and false are no value of any setting"
            raise ValueError(msg)  # noqa: TRY004 - pydantic turns only a ValueError into a problem of the field
        return value

    @field_validator("guardrails", mode="before")
    @classmethod
    def _set_once(cls, table: object) -> object:
        if isinstance(table, dict) and (twice := [name for name in SET_ABOVE if name in table]):
            msg = f"write {' and '.join(twice)} above the table, as a setting of its own"
            raise ValueError(msg)
        return table

    @model_validator(mode="after")
    def _whole_ticks(self) -> Self:
        # Fractions of the decimal digits, so that a window of 0.3 s is three ticks of 0.1 s.
        ticks = Fraction(str(self.aggregation_window_sec)) / Fraction(str(self.tick_sec))
        if ticks.denominator != 1:
            msg = "the window is not a whole multiple of the tick"
            raise ValueError(msg)
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, whose values come in as arguments."""
        return env_settings, init_settings


def load_settings(config: Path | None = None) -> Settings:
    """Read the environment and `config`, else the file that PAYOPS_CONFIG names, else payops.toml if there.

    Raises:
        SettingsError: every problem found, one sentence a line.
    """
    given = _gather(config)
    try:
        settings = Settings(
            **{key: value for key, value in given.in_file.items() if key in Settings.model_fields}
        )
    except ValidationError as error:
        wrong = [given.sentence(problem) for problem in error.errors()]
        raise SettingsError("\n".join([*given.unknown(), *wrong])) from error
    if unknown := list(given.unknown()):
        raise SettingsError("\n".join(unknown))
    return settings


@dataclass(frozen=True)
class _Given:
    """What was set where, to say in a message where a value comes from."""

    file: Path
    in_file: Mapping[str, Any]
    in_environment: Mapping[str, str]
    """By upper-case name; those with our prefix only."""

    def unknown(self) -> Iterator[str]:
        """Name every setting that does not exist."""
        for variable, value in self.in_environment.items():
            if (
                variable not in _RESERVED
                and variable.removeprefix(PREFIX).lower() not in Settings.model_fields
            ):
                yield _no_setting(variable, value, "the environment", lambda name: PREFIX + name.upper())
        for key, value in self.in_file.items():
            if key not in Settings.model_fields:
                yield _no_setting(key, value, str(self.file), str.lower)

    def sentence(self, problem: ErrorDetails) -> str:
        """Say which value, from where, is not allowed, and what is."""
        if not problem["loc"]:
            window, tick = self._with_origin("aggregation_window_sec"), self._with_origin("tick_sec")
            return f"{window} is not a whole multiple of {tick}."
        field = str(problem["loc"][0])
        if field == TABLE and isinstance(self.in_file.get(TABLE), dict):
            return f"{in_words(problem, problem['loc'][1:])} (in {self.file})"
        allowed = Settings.model_fields[field].description
        value = _shown(field, problem["input"])
        return f"{field.upper()} is {value} in {self._origin(field)}; allowed is {allowed}."

    def _origin(self, field: str) -> str:
        variable = PREFIX + field.upper()
        return f"the environment ({variable})" if self.in_environment.get(variable) else str(self.file)

    def _with_origin(self, field: str) -> str:
        variable = PREFIX + field.upper()
        if self.in_environment.get(variable):
            return f"{field.upper()} {self.in_environment[variable]!r} in the environment ({variable})"
        if field in self.in_file:
            return f"{field.upper()} {self.in_file[field]!r} in {self.file}"
        return f"{field.upper()} {Settings.model_fields[field].default!r} (the default)"


def _gather(config: Path | None) -> _Given:
    ours = {name.upper(): value for name, value in os.environ.items() if name.upper().startswith(PREFIX)}
    named = config or (Path(ours[FILE_VARIABLE]) if ours.get(FILE_VARIABLE) else None)
    file = named or DEFAULT_FILE
    if named is None and not file.exists():
        return _Given(file, {}, ours)
    return _Given(file, _lower_case(file, _read(file)), ours)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        msg = f"The settings file {str(file)!r} does not exist: create it, or name another."
        raise SettingsError(msg) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        msg = f"The settings file {str(file)!r} cannot be read: {reason}."
        raise SettingsError(msg) from error
    except tomllib.TOMLDecodeError as error:
        msg = f"The settings file {str(file)!r} is not valid TOML: {error}."
        raise SettingsError(msg) from error


def _lower_case(file: Path, values: dict[str, Any]) -> dict[str, Any]:
    lower = {key.lower(): value for key, value in values.items()}
    if len(lower) < len(values):
        keys = ", ".join(sorted(key for key in values if key.lower() != key))
        msg = f"The settings file {str(file)!r} sets something twice, in upper and lower case: see {keys}."
        raise SettingsError(msg)
    return lower


def _no_setting(name: str, value: object, origin: str, spell: Callable[[str], str]) -> str:
    known = [spell(field) for field in Settings.model_fields]
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"the settings are {', '.join(known)}."
    return f"{name} = {_shown(name, value)} in {origin} is no setting; {hint}"


def _shown(name: str, value: object) -> str:
    secretive = any(word in name.upper() for word in _SECRETIVE)
    return "(a value not repeated here)" if secretive else repr(value)
