"""How a server is set up."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.cases.engine import Rules

TOKEN_VARIABLE = "PAYOPS_TRAINER_TOKEN"  # noqa: S105 - the name of a variable, no secret


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Limits of a server, its rules, and who may see everything."""

    trainer_token: str | None = field(default=None, repr=False)
    """Without one, nobody gets the trainer view."""
    rules: Rules = field(default_factory=Rules)
    most_sessions: int = 256
    """WebSockets at a time."""
    most_episodes: int = 1024
    """Episodes over HTTP at a time; the one that was used least recently makes room."""
    idle_s: float = 900.0
    """A session or an episode that nobody uses for so long is closed."""


def settings_from(environ: Mapping[str, str] = os.environ) -> ServerSettings:
    """Read the settings that come from the environment."""
    return ServerSettings(trainer_token=environ.get(TOKEN_VARIABLE) or None)
