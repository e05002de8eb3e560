"""Let a language model play: `python -m simulator.cases.inference`.

Any OpenAI-compatible server will do. Standard output is one [START], a [STEP] each and one [END] an episode,
the last even when something breaks; everything else goes to standard error.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol, cast

from openai import OpenAI, OpenAIError
from openai.types.chat import ChatCompletionMessageParam
from openenv.core.generic_client import GenericEnvClient

from payments.errors import PayOpsError, SettingsError
from simulator.cases.chat import action_in, conversation
from simulator.cases.environment import NAME, PayOpsEnvironment
from simulator.cases.models import PayOpsObservation
from simulator.cases.server.wire import envelope
from simulator.cases.vocabulary import TIERS

PATIENCE: Final = 3
"""Answers in a row that are no action; then the model has given up."""

Choose = Callable[[Mapping[str, object]], str]
"""Gives the model's answer to a screen."""


class Told(NamedTuple):
    """What an environment says after a reset or a step."""

    observation: dict[str, object]
    reward: float
    done: bool


class Session(Protocol):
    """An environment, here or on a server."""

    def reset(self, **options: object) -> Told:
        """Start an episode."""

    def step(self, action: dict[str, object]) -> Told:
        """Take an action."""


class Here:
    """The environment in this process."""

    def __init__(self) -> None:
        self._environment = PayOpsEnvironment()

    def reset(self, **options: object) -> Told:
        """Start an episode."""
        return _told(self._environment.begin(options))

    def step(self, action: dict[str, object]) -> Told:
        """Take an action; one that cannot be read is told so."""
        return _told(self._environment.act(action))


@dataclass(slots=True)
class Transcript:
    """One episode, line by line."""

    steps: int = 0
    rewards: list[float] = field(default_factory=list)
    is_over: bool = False

    def start(self, task: str, model: str) -> None:
        """Print the first line."""
        _say(f"[START] task={_word(task)} env={NAME} model={_word(model)}")

    def step(self, action: str, told: Told, error: object) -> None:
        """Print a step."""
        self.steps += 1
        self.rewards.append(told.reward)
        self.is_over = told.done
        trouble = "null" if error is None else _line(str(error))
        done = "true" if told.done else "false"
        line = f"[STEP] step={self.steps} action={_word(action)} reward={told.reward:.2f}"
        _say(f"{line} done={done} error={trouble}")

    def end(self) -> None:
        """Print the last line; `success` says that the model decided every case or let it lapse."""
        score = self.rewards[-1] if self.is_over else 0.0
        rewards = ",".join(f"{reward:.2f}" for reward in self.rewards)
        success = "true" if self.is_over else "false"
        _say(f"[END] success={success} steps={self.steps} score={score:.2f} rewards={rewards}")


def play(session: Session, choose: Choose, task: str, model: str, options: Mapping[str, object]) -> None:
    """Play one episode."""
    transcript = Transcript()
    transcript.start(task, model)
    try:
        told, failures = session.reset(**options), 0
        while not told.done and failures < PATIENCE:
            answer = choose(told.observation)
            action, told, error = _act(session, told, answer)
            transcript.step(action, told, error)
            failures = failures + 1 if action == "none" else 0
    finally:
        transcript.end()


def _act(session: Session, told: Told, answer: str) -> tuple[str, Told, object]:
    """Carry out a model's answer; give the action's name and what went wrong."""
    try:
        action = action_in(answer, str(told.observation["transaction_id"]))
    except PayOpsError as error:
        return "none", told._replace(reward=0.0), error
    after = session.step(action)
    info = after.observation.get("info")
    return str(action.get("action_type")), after, info.get("error") if isinstance(info, dict) else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Play as the command line and the environment say; 0, or 1 when something broke."""
    given = _parse(arguments)
    try:
        model, choose = _model()
        with _session(given.url) as session:
            for tier in TIERS:
                for index in range(given.episodes):
                    split = f"{given.split}/{tier}"
                    play(session, choose, f"{split}/{index}", model, {"split": split, "index": index})
    except (PayOpsError, OpenAIError, OSError, RuntimeError) as error:
        sys.stderr.write(f"inference: {_line(str(error))}\n")
        return 1
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m simulator.cases.inference", description=__doc__)
    parser.add_argument("--url", help="a running server; default: the environment in this process")
    parser.add_argument("--split", choices=("train", "eval"), default="eval")
    parser.add_argument("--episodes", type=int, default=1, metavar="N", help="of each tier (default: 1)")
    return parser.parse_args(arguments)


def _model() -> tuple[str, Choose]:
    """Set the model up from the environment, by our names or by those that OpenEnv users know."""
    url = _setting("PAYOPS_LLM_BASE_URL", "API_BASE_URL")
    model = _setting("PAYOPS_LLM_MODEL", "MODEL_NAME")
    if not url or not model:
        raise SettingsError("Set PAYOPS_LLM_BASE_URL and PAYOPS_LLM_MODEL (or API_BASE_URL and MODEL_NAME).")
    key = _setting("PAYOPS_LLM_API_KEY", "API_KEY", "HF_TOKEN")
    client = OpenAI(base_url=url, api_key=key or "none", max_retries=1)

    def choose(screen: Mapping[str, object]) -> str:
        messages = cast("list[ChatCompletionMessageParam]", conversation(screen))
        answer = client.chat.completions.create(model=model, messages=messages, temperature=0.0)
        return answer.choices[0].message.content or ""

    return model, choose


def _session(url: str | None) -> AbstractContextManager[Session]:
    """Reach the environment."""
    if url is None:
        return nullcontext(Here())
    return cast("AbstractContextManager[Session]", GenericEnvClient(base_url=url).sync())


def _setting(*names: str) -> str:
    """Give the first of these variables that is set."""
    return next((os.environ[name] for name in names if os.environ.get(name)), "")


def _told(seen: PayOpsObservation) -> Told:
    """Give what a client would see."""
    body = envelope(seen)["observation"]
    return Told(cast("dict[str, object]", body), float(seen.reward or 0.0), seen.done)


def _line(text: str) -> str:
    """Put a text on one line."""
    return " ".join(text.split())[:200] or "null"


def _word(text: str) -> str:
    """Put a text into one word."""
    return "_".join(text.split())[:80] or "none"


def _say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
