"""What an action would have saved, where nothing may be changed."""

from dataclasses import dataclass

import pytest

from console.settings import Settings
from graph.measuring import at_once
from payments.incident import Incident
from payments.outcome import Effect
from payments.tally import Tally
from payments.verdict import Mode
from tests.graph.made import crew, cycles, only_incident, world

TICKS = 60


@dataclass(frozen=True)
class Compared:
    """One world twice: the crew may only look, and the crew may act."""

    shadow: Incident
    without: int
    with_action: int


@pytest.fixture(scope="module")
def compared(no_settings: None, tmp_path_factory: pytest.TempPathFactory) -> Compared:
    folder = tmp_path_factory.mktemp("compared")
    looking = Settings(state_dir=folder / "shadow", mode=Mode.SHADOW)
    live = world("psp_outage", looking)
    with crew(live, looking) as duty:
        cycles(duty, TICKS)
        incident, without = only_incident(duty), live.score.succeeded
    acting = Settings(state_dir=folder / "autopilot")
    live = world("psp_outage", acting)
    with crew(live, acting) as duty:
        cycles(duty, TICKS)
        return Compared(incident, without, live.score.succeeded)


def test_shadow_says_what_it_would_have_saved_and_that_nothing_was_changed(compared: Compared) -> None:
    outcome = compared.shadow.outcome
    assert outcome is not None
    assert outcome.effect is Effect.NOT_MEASURED
    assert outcome.sentence.startswith("Nothing was changed;")
    assert "it would have helped: " in outcome.sentence


def test_what_shadow_estimates_is_what_acting_saves(compared: Compared) -> None:
    outcome = compared.shadow.outcome
    assert outcome is not None
    assert outcome.payments_saved is not None
    saved = compared.with_action - compared.without
    assert outcome.payments_saved.mean == pytest.approx(saved, rel=0.25)
    assert saved > 1000


def test_tallies_of_the_same_increments_count_their_time_once() -> None:
    parts = [Tally(attempts=10, failures=1, ticks=3), Tally(attempts=20, failures=2, ticks=3)]
    assert at_once(parts) == Tally(attempts=30, failures=3, ticks=3)
    assert at_once([]) == Tally()
