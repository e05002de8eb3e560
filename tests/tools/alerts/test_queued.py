"""Alerts are kept at once and delivered beside the cycles; a slow or missing receiver holds nobody up."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Engine

from payments.alert import AlertMessage
from tests.tools.alerts.messages import Clock, Pager, message
from tools.alerts.bulletin import Bulletin
from tools.alerts.queue import AlertQueue
from tools.alerts.queued import QueuedAlerts, delivering
from tools.database import open_database

PATIENT_S = 30.0


@dataclass
class Heard:
    """A sink that keeps what it hears."""

    alerts: list[AlertMessage] = field(default_factory=list)

    def send(self, alert: AlertMessage) -> None:
        self.alerts.append(alert)


@dataclass
class Slow(Pager):
    """A receiver that takes as long as the test lets it."""

    asked: Event = field(default_factory=Event)
    let_go: Event = field(default_factory=Event)

    def deliver(self, bulletin: Bulletin) -> None:
        self.asked.set()
        self.let_go.wait(PATIENT_S)
        super().deliver(bulletin)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path / "payops.db")
    yield engine
    engine.dispose()


def queued(database: Engine, *pagers: Pager) -> QueuedAlerts:
    return QueuedAlerts(pagers, AlertQueue(database, Clock()))


def goes_on(_: str) -> None:
    return None


def test_nobody_waits_for_a_receiver_that_is_slow(database: Engine) -> None:
    slow, quick = Slow("slow"), Slow("quick")
    quick.let_go.set()
    alerts = queued(database, slow, quick)
    with delivering(alerts, goes_on, Heard()):
        for matter in range(20):
            alerts.send(message(str(matter)))
        assert slow.asked.wait(PATIENT_S)
        assert slow.told == []
        slow.let_go.set()
    assert [one.alert.dedup_key for one in slow.told] == [f"i1:{matter}" for matter in range(20)]
    assert len(quick.told) == 20


def test_what_was_not_delivered_is_delivered_by_the_next_process(database: Engine) -> None:
    queued(database, Pager()).send(message())
    pager = Pager()
    with delivering(queued(database, pager), goes_on, Heard()):
        pass
    assert pager.events == [("opened", "i1:ask")]


def test_a_receiver_that_fails_is_told_to_the_others_and_not_to_itself(database: Engine) -> None:
    one, two, heard = Pager("one"), Pager("two"), Heard()
    alerts = queued(database, one, two)
    with delivering(alerts, goes_on, heard):
        alerts.rounds[0].courier.tell_others(message("fails", ""))
    assert [alert.dedup_key for alert in heard.alerts] == [":fails"]
    assert (one.told, len(two.told)) == ([], 1)
