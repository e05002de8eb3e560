"""The environment that OpenEnv serves: models outside, the engine inside."""

from collections.abc import Mapping
from typing import TypedDict

from openenv.core.env_server.interfaces import Environment
from openenv.core.env_server.types import EnvironmentMetadata

from payments.errors import InputError, RefusedError
from simulator.cases.engine import Episode, Rules
from simulator.cases.ledger import breakdown
from simulator.cases.models import PayOpsAction, PayOpsObservation, PayOpsReward, PayOpsState
from simulator.cases.moves import Move
from simulator.cases.reading import read_action
from simulator.cases.splits import SPLITS, split_named
from simulator.cases.start import start_of
from simulator.cases.views import Fields, state_of, view_of
from simulator.cases.vocabulary import View

NAME = "payops"
VERSION = "0.1.0"

_NEW = object.__new__
_SET = object.__setattr__
_FIELDS = frozenset(PayOpsObservation.model_fields)


class TaskCard(TypedDict):
    """What anybody may know of a task before it is played."""

    id: str
    index: int
    split: str


class PayOpsEnvironment(Environment[PayOpsAction, PayOpsObservation, PayOpsState]):
    """One episode at a time; each session has its own. Making one costs nothing."""

    SUPPORTS_CONCURRENT_SESSIONS: bool = True

    def __init__(self, view: View = "agent", rules: Rules | None = None) -> None:
        super().__init__()
        self.view: View = view
        self._rules = rules or Rules()
        self._episode: Episode | None = None
        self._episode_id: str | None = None

    @property
    def episode(self) -> Episode:
        """Give the episode that is played.

        Raises:
            RefusedError: none was started.
        """
        if self._episode is None:
            raise RefusedError("No episode has been started; call reset first.")
        return self._episode

    def reset(
        self, seed: int | None = None, episode_id: str | None = None, **kwargs: object
    ) -> PayOpsObservation:
        """Start an episode.

        Args:
            seed: Of the draws; without it they are unforeseeable.
            episode_id: Its name.
            kwargs: `split` (default `train`), and `index` in it or `task_id`; else the seed picks a task.

        Raises:
            InputError: an option is unknown or of the wrong kind.
            NotFoundError: there is no such split, task or place.
            RefusedError: the view is an agent's and it chooses the seed of an evaluation.
        """
        return self.begin({**kwargs, "seed": seed, "episode_id": episode_id})

    def begin(self, options: Mapping[str, object]) -> PayOpsObservation:
        """Start an episode from the options of `reset` as a client sent them; raises what it raises."""
        self.start(options)
        return self.observe()

    def start(self, options: Mapping[str, object]) -> None:
        """Do what `begin` does, without looking at the screen."""
        start = start_of(options, self.view)
        self._episode = Episode(start.task, start.seed, start.split.streams, self._rules)
        self._episode_id = start.episode_id

    async def reset_async(
        self, seed: int | None = None, episode_id: str | None = None, **kwargs: object
    ) -> PayOpsObservation:
        """Start an episode at once: no thread is needed for less than a few milliseconds."""
        return self.reset(seed, episode_id, **kwargs)

    def step(
        self, action: PayOpsAction, timeout_s: float | None = None, **kwargs: object
    ) -> PayOpsObservation:
        """Take one action; what is wrong with it is said in `info["error"]`."""
        self.take(action)
        return self.observe()

    def take(self, action: PayOpsAction) -> None:
        """Do what `step` does, without looking at what came of it."""
        self.episode.take(_move(action))

    async def step_async(
        self, action: PayOpsAction, timeout_s: float | None = None, **kwargs: object
    ) -> PayOpsObservation:
        """Take one action at once."""
        return self.step(action)

    def act(self, sent: object, length: int = 0) -> PayOpsObservation:
        """Take an action as a client sent it; why it is none is said in `info["error"]`, and costs nothing.

        Args:
            sent: The action's fields.
            length: Of the message in characters.
        """
        self.attempt(sent, length)
        return self.observe()

    def attempt(self, sent: object, length: int) -> None:
        """Do what `act` does, without looking at what came of it."""
        episode = self.episode
        try:
            action = read_action(sent, length)
        except InputError as error:
            episode.refuse(str(error))
        else:
            episode.take(_move(action))

    def observe(self) -> PayOpsObservation:
        """Give what is on the screen."""
        return observation(view_of(self.episode, self.view))

    @property
    def state(self) -> PayOpsState:
        """Give the state, redacted for agents."""
        if self._episode is None:
            return PayOpsState()
        told = state_of(self._episode, self.view)
        return PayOpsState.model_validate({"episode_id": self._episode_id, **told})

    def get_metadata(self) -> EnvironmentMetadata:
        """Describe the environment."""
        return EnvironmentMetadata(
            name=NAME,
            description="Risky payments, one at a time: ask, then decide and report. Regret is exact.",
            version=VERSION,
        )

    def list_splits(self) -> list[dict[str, str]]:
        """List the splits: training and evaluation, each whole and by tier."""
        return [{"name": split.name, "type": split.type} for split in SPLITS.values()]

    def list_tasks(self, split: str) -> list[TaskCard]:
        """List the tasks of a split; what they are about is not told.

        Raises:
            NotFoundError: there is no such split.
        """
        return [_card(split, index) for index in range(self.num_tasks(split))]

    def num_tasks(self, split: str) -> int:
        """Count the tasks of a split.

        Raises:
            NotFoundError: there is no such split.
        """
        return len(split_named(split).tasks)

    def get_task(self, split: str, index: int) -> TaskCard:
        """Give the task at a place.

        Raises:
            NotFoundError: there is no such split or place.
        """
        split_named(split).task(index)
        return _card(split, index)

    def get_task_range(self, split: str, start: int | None = None, stop: int | None = None) -> list[TaskCard]:
        """Give the tasks from `start` to before `stop`, as Python slices do.

        Raises:
            NotFoundError: there is no such split.
        """
        return self.list_tasks(split)[start:stop]


def reward(episode: Episode) -> PayOpsReward:
    """Grade an episode so far."""
    items = breakdown(episode.ledger, episode.worst_usd)
    return PayOpsReward(value=episode.value, breakdown=items, raw_total=-episode.ledger.total)


def observation(fields: Fields) -> PayOpsObservation:
    """Wrap the views' fields, which tests hold against the model: validating each takes too long."""
    made: PayOpsObservation = _NEW(PayOpsObservation)
    _SET(made, "__dict__", fields)
    _SET(made, "__pydantic_fields_set__", _FIELDS)
    _SET(made, "__pydantic_extra__", None)
    _SET(made, "__pydantic_private__", None)
    return made


def _move(action: PayOpsAction) -> Move:
    """Give the move of an action."""
    reason = action.reason or ""
    return Move(action.action_type, action.transaction_id, reason, action.confidence, action.metadata)


def _card(split: str, index: int) -> TaskCard:
    """Name a task by its place alone."""
    return TaskCard(id=f"{split}/{index}", index=index, split=split)
