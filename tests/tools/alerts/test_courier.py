"""What waits is delivered, in order, once it can be; people hear once of a receiver that cannot be told."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from payments.alert import AlertMessage
from tests.tools.alerts.messages import Clock, Pager, message
from tools.alerts.bulletin import NotDeliveredError, question_in
from tools.alerts.courier import IDLE_S, LAST_RETRY_S, LOOK_AFTER, Courier
from tools.alerts.queue import TAKEN_S, AlertQueue
from tools.database import open_database

DOWN = NotDeliveredError("pager cannot be reached: refused.")


@dataclass
class Post:
    """A queue, a receiver and whoever delivers to it."""

    engine: Engine
    clock: Clock = field(default_factory=Clock)
    pager: Pager = field(default_factory=Pager)
    heard: list[AlertMessage] = field(default_factory=list)
    over: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.queue = AlertQueue(self.engine, self.clock)
        self.courier = self.another()

    def another(self) -> Courier:
        """Start anew on the same database, as another process does."""
        return Courier(self.pager, self.queue, self.over.get, self.heard.append, self.clock)

    def send(self, *matters: str) -> None:
        for matter in matters:
            self.queue.put("pager", message(matter))

    def work(self, seconds: float = 0.0) -> None:
        """Let the courier work for some time of the clock's, and on while it does not pause."""
        until = self.clock.now.timestamp() + seconds
        while True:
            pause_s = self.courier.step()
            if pause_s and self.clock.now.timestamp() + pause_s > until:
                return
            self.clock.later(pause_s)


@pytest.fixture
def post(engine: Engine) -> Post:
    return Post(engine)


def test_a_message_is_delivered_once_however_often_it_is_given(post: Post) -> None:
    post.send("ask", "ask")
    post.work()
    post.send("ask")
    post.work()
    assert post.pager.events == [("opened", "i1:ask")]


def test_what_follows_in_an_incident_is_an_update_until_it_is_over(post: Post) -> None:
    post.send("ask", "approved")
    post.work()
    post.over["i1"] = "alpha is well again."
    post.work(60.0)
    assert post.pager.events == [("opened", "i1:ask"), ("updated", "i1:approved"), ("resolved", "i1:over")]
    assert post.pager.told[-1].alert.text == "alpha is well again."
    post.work(60.0)
    assert len(post.pager.told) == 3


def test_a_receiver_that_is_down_for_an_hour_loses_nothing(post: Post) -> None:
    post.pager.trouble = DOWN
    for hour in range(60):
        post.send(f"minute {hour:02}")
        post.work(60.0)
    assert post.pager.told == []
    assert 60 <= post.pager.tries <= 75
    post.pager.trouble = None
    post.work(LAST_RETRY_S + IDLE_S)
    assert [one.alert.dedup_key for one in post.pager.told] == [f"i1:minute {n:02}" for n in range(60)]
    assert post.queue.waiting("pager") == 0


def test_people_hear_once_of_an_outage_and_again_of_the_next(post: Post) -> None:
    for outage in ("first", "second"):
        post.pager.trouble = DOWN
        post.send(outage)
        post.work(600.0)
        post.pager.trouble = None
        post.work(LAST_RETRY_S)
    assert [one.title for one in post.heard] == ["Alerts do not reach pager"] * 2
    assert [one.dedup_key for one in post.heard] == ["alerts:pager:i1:first", "alerts:pager:i1:second"]
    assert "cannot be reached" in post.heard[0].text


def test_a_short_outage_is_told_nobody(post: Post) -> None:
    post.pager.trouble = DOWN
    post.send("ask")
    post.work(5.0)
    post.pager.trouble = None
    post.work(LAST_RETRY_S)
    assert post.heard == []
    assert post.pager.events == [("opened", "i1:ask")]


def test_two_processes_tell_of_the_same_outage_under_the_same_key(post: Post) -> None:
    post.pager.trouble = DOWN
    post.send("ask")
    post.work(60.0)
    post.courier = post.another()
    post.work(60.0)
    assert len({one.dedup_key for one in post.heard}) == 1


def test_who_wants_to_be_left_alone_is(post: Post) -> None:
    post.pager.trouble = NotDeliveredError("pager answers 429.", retry_after_s=30.0)
    post.send("ask")
    assert post.courier.step() == 30.0


def test_a_message_that_is_never_taken_does_not_stop_the_others(post: Post) -> None:
    post.send("strange", "next")
    post.pager.trouble = NotDeliveredError("pager answers 400: it does not take this.", is_final=True)
    assert post.courier.step() == 0.0
    post.pager.trouble = None
    post.work()
    assert [one.alert.dedup_key for one in post.pager.told] == ["i1:next"]
    assert [one.title for one in post.heard] == ["An alert did not reach pager"]


def test_what_a_process_died_over_is_delivered_by_the_next(post: Post) -> None:
    post.send("ask", "next")
    taken = post.queue.take("pager")
    assert taken is not None
    post.work(TAKEN_S / 2)
    assert post.pager.told == []
    post.clock.later(TAKEN_S)
    post.work()
    assert [one.alert.dedup_key for one in post.pager.told] == ["i1:ask", "i1:next"]


def test_two_processes_deliver_each_message_once(post: Post) -> None:
    post.send(*map(str, range(20)))
    couriers = [post.courier, post.another()]
    for step in range(40):
        couriers[step % 2].step()
    assert [one.alert.dedup_key for one in post.pager.told] == [f"i1:{number}" for number in range(20)]


def test_who_wants_to_hear_that_it_goes_on_hears_it_until_it_is_over(post: Post) -> None:
    post.pager.renew_s = 60.0
    post.send("ask")
    post.work(290.0)
    assert [key for _, key in post.pager.events] == ["i1:ask"] * 5
    post.over["i1"] = "Over."
    post.work(300.0)
    assert post.pager.events[-1] == ("resolved", "i1:over")
    assert len(post.pager.events) == 6


def test_a_message_about_no_incident_has_no_end(post: Post) -> None:
    alone = message().model_copy(update={"incident_id": "", "dedup_key": "source:clickhouse"})
    post.queue.put("pager", alone)
    post.work(10 * LOOK_AFTER.total_seconds())
    assert [one.thread for one in post.pager.told] == ["source:clickhouse"]


def test_a_database_that_is_gone_is_a_failure_like_another(post: Post) -> None:
    with post.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE alert_queue RENAME TO elsewhere")
    assert post.courier.step() > 0.0
    with post.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO alert_queue")
    post.send("ask")
    post.work()
    assert post.pager.events == [("opened", "i1:ask")]


@pytest.mark.parametrize(
    ("key", "incident", "question"),
    [
        ("i1:ask", "i1", 1),
        ("i1:ask:12", "i1", 12),
        ("i1:ask:0", "i1", None),
        ("i1:ask:x", "i1", None),
        ("i1:asked", "i1", None),
        ("i1:act", "i1", None),
        ("i2:i1:ask", "i1", None),
        (":ask", "", None),
        ("ask", "", None),
    ],
)
def test_only_a_question_has_a_number(key: str, incident: str, question: int | None) -> None:
    alert = message().model_copy(update={"dedup_key": key, "incident_id": incident})
    assert question_in(alert) == question


hostile = st.text(st.characters(), max_size=30)


@given(st.lists(st.tuples(hostile, hostile), max_size=8, unique=True))
def test_hostile_names_are_kept_and_delivered(names: list[tuple[str, str]]) -> None:
    database = open_database("sqlite://")
    post = Post(database)
    for incident, matter in names:
        post.queue.put("pager", message(matter, incident))
    post.work()
    assert len(post.pager.told) == len({f"{incident}:{matter}" for incident, matter in names})
    database.dispose()
