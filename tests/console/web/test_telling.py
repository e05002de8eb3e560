"""What a page says of an incident: what its proposal is worth, where it stands, what happened since."""

from datetime import timedelta

import pytest
from markupsafe import Markup

from console.standing import History
from console.terminal.clean import visible
from console.web.incidents.afterwards import in_force, stages_of
from console.web.incidents.listing import effect_of, row_of, standing_of, statuses_of, waiting_first
from console.web.incidents.worth import Figure, figures_of, money_words, rounded
from payments.action import Alert, Suppress
from payments.incident import Incident, Status
from payments.intervention import Intervention, TargetEvidence
from payments.plan import Interval
from payments.segment import Segment
from payments.verdict import Mode
from tests.console.examples import NOON, REROUTE, closed, incident, plan

SAVED = Interval(low=-20.0, mean=100.0, high=250.4)


def figures(found: Incident) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures_of(found)}


def ruled_in(mode: Mode, status: Status) -> Incident:
    found = incident(status)
    assert found.verdict is not None
    return found.model_copy(update={"verdict": found.verdict.model_copy(update={"mode": mode})})


def intervention(number: int = 1, minutes: float = 0.0, **changes: object) -> Intervention:
    begun = NOON + timedelta(minutes=minutes)
    given: dict[str, object] = {
        "key": f"k{number}", "incident_id": incident().id, "feed": "f", "action": REROUTE, "step": number,
        "started_at": begun, "expires_at": begun + timedelta(minutes=15),
    }  # fmt: skip
    return Intervention.model_validate({**given, **changes})


def test_a_proposal_says_what_it_saves_and_risks_and_moves_and_how_long_it_lasts() -> None:
    assert list(figures(incident())) == ["Saves", "Risks", "Moves", "Lasts"]
    assert figures(incident())["Saves"] == Figure("Saves", "120 payments", "90 %: 80 to 160", "good")
    assert figures(incident())["Lasts"].value == "15 min"


def test_money_stands_beside_payments_where_it_is_known() -> None:
    rich = plan().model_copy(update={"money_saved_minor": SAVED, "currency": "EUR", "fees_minor": 1_299.0})
    shown = figures(incident().model_copy(update={"plan": rich}))
    assert shown["Saves"].beside.endswith("; worth 1 EUR")
    assert shown["Risks"].beside.endswith("13 EUR of extra fees")


def test_what_may_be_lost_is_said_and_is_no_good_news() -> None:
    risky = incident().model_copy(update={"plan": plan().model_copy(update={"payments_saved": SAVED})})
    assert figures(risky)["Risks"].beside.endswith("; may lose 20 payments")
    assert figures(risky)["Saves"].tone == "warn"


def test_a_risk_says_what_it_is_graded_by_and_nothing_of_what_is_not_lost() -> None:
    assert figures(incident())["Risks"].beside == "by the traffic in its reach and the room on its targets"


def test_what_touches_no_payment_risks_none() -> None:
    alert = plan(Alert(scope=Segment.of(), message="look"))
    assert list(figures(incident().model_copy(update={"plan": alert}))) == ["Saves", "Touches"]


def test_another_action_than_a_reroute_says_how_many_it_touches() -> None:
    stopped = incident().model_copy(update={"plan": plan(Suppress(scope=Segment.of(psp="northpay")))})
    assert figures(stopped)["Touches"].value == "1,234 a window"


def test_an_incident_without_a_plan_has_no_figures() -> None:
    assert figures_of(incident().model_copy(update={"plan": None})) == ()


@pytest.mark.parametrize("saved", [None, Interval(low=float("nan"), mean=1.0, high=float("inf"))])
def test_money_that_is_not_known_is_not_written(saved: Interval | None) -> None:
    assert money_words(saved, "EUR") == ""


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [(166_788_174, "EUR", "1,667,882 EUR"), (-1_250, "KWD", "-1 KWD"), (-1_234_567, "JPY", "-1,234,567 JPY")],
)
def test_an_estimate_is_written_in_whole_units(minor: float, currency: str, words: str) -> None:
    assert rounded(minor, currency) == words


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (incident(), "waits for a decision"),
        (incident().model_copy(update={"approvers": ("asha",)}), "waits for a second decision"),
        (ruled_in(Mode.AUTOPILOT, Status.ACTING), "action in force"),
        (ruled_in(Mode.SHADOW, Status.ACTING), "only recorded"),
        (incident(Status.WATCHED), "watched"),
        (closed(), "closed"),
        (closed().model_copy(update={"recovered": True}), "over"),
    ],
)
def test_an_incident_says_where_it_stands(found: Incident, words: str) -> None:
    assert standing_of(found).words == words


def test_a_row_has_what_came_of_it() -> None:
    row = row_of(closed())
    assert (row.saved, row.confidence, row.cause) == ("12", "0.79", "psp outage")
    assert effect_of(closed()) == row.effect
    assert row.effect is not None
    assert (row.effect.words, row.effect.tone) == ("helped", "good")


def test_a_row_of_an_incident_that_was_just_found_has_dashes() -> None:
    bare = incident(Status.OPEN).model_copy(update={"diagnosis": None, "plan": None, "verdict": None})
    row = row_of(bare)
    assert (row.cause, row.confidence, row.proposal, row.asks, row.effect, row.saved) == (
        "-",
        "-",
        "-",
        (),
        None,
        "-",
    )


def test_a_list_shows_all_or_what_lives_or_what_is_closed() -> None:
    live, over = statuses_of("live"), statuses_of("closed")
    assert statuses_of("all") is None
    assert live is not None
    assert over == (Status.CLOSED,)
    assert set(live) == set(Status) - set(over)


def test_what_has_waited_longest_comes_first() -> None:
    later = incident().model_copy(update={"updated_at": NOON + timedelta(minutes=1), "id": "later"})
    assert [row.incident.id for row in waiting_first([later, incident()])] == [incident().id, "later"]


def test_each_step_of_an_action_is_a_stage_and_the_last_says_how_long_it_lasts() -> None:
    first = intervention(1, ended_at=NOON + timedelta(minutes=1), ended_because="k2 took its place")
    history = History(now=NOON + timedelta(minutes=6), interventions=(first, intervention(2, 1.0)))
    stages = stages_of(incident(Status.ACTING), history)
    assert [(stage.number, stage.state, stage.tone) for stage in stages] == [
        (1, "went on", ""),
        (2, "in force, undone in 10 min unless renewed", "good"),
    ]
    force = in_force(history)
    assert force is not None
    assert force.left == "10 min"
    assert force.share_left == pytest.approx(2 / 3)


def test_a_stage_says_what_each_target_showed() -> None:
    seen = {
        "a": TargetEvidence(sound=2.0),
        "b": TargetEvidence(sound=-2.0),
        "c": TargetEvidence(sound=0.1),
        "d": TargetEvidence(overloaded=True),
    }
    one = intervention(evidence=seen, dropped=("e",))
    (stage,) = stages_of(incident(Status.ACTING), History(now=NOON, interventions=(one,)))
    assert stage.targets == (
        "a: sound", "b: worse than usual", "c: not known yet", "d: overloaded", "e: left the set",
    )  # fmt: skip


def test_an_action_past_its_expiry_is_bad_news() -> None:
    history = History(now=NOON + timedelta(minutes=20), interventions=(intervention(),))
    (stage,) = stages_of(incident(Status.ACTING), history)
    assert (stage.state, stage.tone) == ("expiry passed 5 min ago", "bad")
    force = in_force(history)
    assert force is not None
    assert (force.left, force.share_left) == ("0 s", 0.0)


def test_an_action_that_has_ended_is_not_in_force_and_says_why() -> None:
    over = intervention(ended_at=NOON, ended_because="the fault is over")
    history = History(now=NOON, interventions=(over,))
    assert in_force(history) is None
    assert stages_of(incident(Status.CLOSED), history)[0].state == "ended: the fault is over"


def test_in_a_world_that_is_gone_nothing_is_said_to_be_in_force() -> None:
    history = History(now=None, interventions=(intervention(),))
    assert in_force(history) is None
    assert stages_of(incident(Status.ACTING), history)[0].state == "its world is gone"


def test_what_was_only_recorded_moves_nothing() -> None:
    history = History(now=NOON, interventions=(intervention(),))
    assert stages_of(ruled_in(Mode.SHADOW, Status.ACTING), history)[0].state == "nothing was moved"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("north\u202epay\x1b[2J", "north\\u202epay\\x1b[2J"),
        ("two\nlines", "two\nlines"),
        (Segment({"merchant": "a\u2066b"}), "merchant=a\\u2066b"),
        (3, "3"),
    ],
)
def test_what_a_page_prints_obeys_no_control_character(given: object, shown: str) -> None:
    assert visible(given) == shown


def test_markup_of_our_own_is_printed_as_it_is() -> None:
    assert visible(Markup("<b>\n</b>")) == "<b>\n</b>"
