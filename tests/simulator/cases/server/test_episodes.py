import pytest

from payments.errors import NotFoundError, RefusedError
from simulator.cases.environment import PayOpsEnvironment
from simulator.cases.server.access import TOKEN_HEADER, view_for
from simulator.cases.server.episodes import Episodes
from simulator.cases.server.settings import TOKEN_VARIABLE, ServerSettings, settings_from


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_an_episode_is_found_by_its_id() -> None:
    episodes, environment = Episodes(4, 60.0, Clock()), PayOpsEnvironment()
    name = episodes.add("agent", None, environment)
    assert episodes.get("agent", name) is environment


def test_an_agent_does_not_find_the_episode_of_a_trainer() -> None:
    episodes = Episodes(4, 60.0, Clock())
    episodes.add("trainer", "mine", PayOpsEnvironment("trainer"))
    with pytest.raises(NotFoundError, match="'mine'"):
        episodes.get("agent", "mine")


def test_the_episode_used_least_recently_makes_room() -> None:
    episodes = Episodes(2, 60.0, Clock())
    for name in "ab":
        episodes.add("agent", name, PayOpsEnvironment())
    episodes.get("agent", "a")
    episodes.add("agent", "c", PayOpsEnvironment())
    assert len(episodes) == 2
    with pytest.raises(NotFoundError):
        episodes.get("agent", "b")


def test_an_idle_episode_is_forgotten_and_a_used_one_is_not() -> None:
    clock = Clock()
    episodes = Episodes(4, 60.0, clock)
    for name in "ab":
        episodes.add("agent", name, PayOpsEnvironment())
    clock.now_s = 50.0
    episodes.get("agent", "a")
    clock.now_s = 100.0
    episodes.get("agent", "a")
    with pytest.raises(NotFoundError, match="unused for 60 seconds"):
        episodes.get("agent", "b")


def test_the_view_is_an_agents_unless_the_token_is_shown() -> None:
    assert view_for({}, "secret") == "agent"
    assert view_for({TOKEN_HEADER: "secret"}, "secret") == "trainer"


@pytest.mark.parametrize("token", ["secret", None])
def test_a_wrong_token_is_refused_and_not_repeated(token: str | None) -> None:
    with pytest.raises(RefusedError) as refused:
        view_for({TOKEN_HEADER: "guessé"}, token)
    assert "guess" not in str(refused.value)


def test_the_token_comes_from_the_environment_and_is_not_printed() -> None:
    settings = settings_from({TOKEN_VARIABLE: "hidden-word"})
    assert settings.trainer_token == "hidden-word"
    assert "hidden-word" not in repr(settings)


def test_an_empty_token_gives_nobody_the_trainer_view() -> None:
    assert settings_from({TOKEN_VARIABLE: ""}) == ServerSettings()
