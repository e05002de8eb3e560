"""Each receiver is told in the form that it documents, whatever the alert says; no secret is repeated."""

import logging
import socket
import ssl
from collections.abc import Iterator
from itertools import count
from threading import Thread

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.errors import SettingsError
from tests.tools.alerts.messages import bulletin, message
from tests.tools.alerts.town import ROUTING_KEY, SLACK_PATH, WEBHOOK_SECRET, Town, serving
from tests.tools.receiver import NOW
from tools.alerts.alertmanager import Alertmanager
from tools.alerts.bulletin import Bulletin, NotDeliveredError, Receiver
from tools.alerts.delivery import address
from tools.alerts.pagerduty import PagerDuty
from tools.alerts.slack import Slack
from tools.alerts.webhook import AlertWebhook

NAMES = ("slack", "pagerduty", "webhook")
PATHS = {"slack": SLACK_PATH, "pagerduty": "/v2/enqueue", "webhook": "/alerts"}
SECRETS = ("secretsecret", ROUTING_KEY, WEBHOOK_SECRET.decode())


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    town = Town()
    with serving(town):
        yield town


@pytest.fixture(autouse=True)
def fresh(town: Town) -> None:
    town.told.clear()
    town.troubles.clear()


NONCES = count()


def receiver(name: str, url: str) -> Receiver:
    if name == "slack":
        return Slack(httpx.URL(url + SLACK_PATH), "https://crew.example", decides=True)
    if name == "pagerduty":
        return PagerDuty(httpx.URL(url), ROUTING_KEY, "https://crew.example")
    return AlertWebhook(httpx.URL(url + "/alerts"), WEBHOOK_SECRET, lambda: NOW, lambda: str(next(NONCES)))


OPENED = bulletin(message())
UPDATED = bulletin(message("approved", severity="critical"), message())
RESOLVED = bulletin(message("over", severity="info"), message(), is_over=True)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("one", [OPENED, UPDATED, RESOLVED], ids=lambda one: str(one.event))
def test_every_event_is_taken(town: Town, name: str, one: Bulletin) -> None:
    receiver(name, town.url).deliver(one)
    assert len(town.of(PATHS[name])) == 1


SHORT = st.text(st.characters(), max_size=40)
LONG = SHORT | st.sampled_from(["<!channel>", "*" * 9_000, "\x1b[2J", "\0" * 900])


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=LONG, text=LONG, incident=SHORT)
def test_whatever_an_alert_says_is_taken(town: Town, name: str, title: str, text: str, incident: str) -> None:
    alert = message("ask", incident).model_copy(update={"title": title, "text": text})
    town.told.clear()
    receiver(name, town.url).deliver(bulletin(alert))
    assert len(town.of(PATHS[name])) == 1


def test_pagerduty_is_told_of_one_incident_under_one_key(town: Town) -> None:
    for one in (OPENED, UPDATED, RESOLVED):
        receiver("pagerduty", town.url).deliver(one)
    told = town.of("/v2/enqueue")
    assert {one["dedup_key"] for one in told} == {"payops:i1"}
    assert [(one["event_action"], one["payload"]["severity"]) for one in told] == [
        ("trigger", "warning"),
        ("trigger", "critical"),
        ("resolve", "info"),
    ]


def test_a_question_has_two_buttons_in_slack_and_news_has_none(town: Town) -> None:
    for one in (OPENED, UPDATED):
        receiver("slack", town.url).deliver(one)
    rows = [one["blocks"][3]["elements"] for one in town.of(SLACK_PATH)]
    buttons = [{button["action_id"]: button.get("value", "") for button in row} for row in rows]
    assert buttons == [{"approve": "i1:1", "reject": "i1:1", "look": ""}, {"look": ""}]


def test_without_a_way_for_clicks_there_are_no_buttons_in_slack() -> None:
    told = Slack(httpx.URL("https://hooks.slack.test/x")).message(OPENED)
    assert [block["type"] for block in told["blocks"]] == ["header", "section", "context"]


def test_nobody_can_be_mentioned_in_slack_by_a_name_of_a_merchant() -> None:
    alert = message().model_copy(update={"title": "<!channel> & <@U1>"})
    told = Slack(httpx.URL("https://hooks.slack.test/x")).message(bulletin(alert))
    assert "<" not in told["text"]
    assert {block["text"]["type"] for block in told["blocks"][:2]} == {"plain_text"}


@pytest.mark.parametrize(
    ("status", "is_final", "words"),
    [
        (500, False, "answers 500"),
        (429, False, "answers 429"),
        (401, False, "check "),
        (403, False, "check "),
        (404, False, "check "),
        (400, True, "does not take this message"),
        (302, False, "answers 302"),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_an_answer_says_whether_to_try_again(
    town: Town, name: str, status: int, words: str, *, is_final: bool
) -> None:
    town.troubles[PATHS[name]] = [status]
    with pytest.raises(NotDeliveredError, match=words) as caught:
        receiver(name, town.url).deliver(OPENED)
    assert caught.value.is_final is is_final
    assert caught.value.retry_after_s == (7.0 if words.startswith("answers") else 0.0)


@pytest.mark.parametrize("name", NAMES)
def test_who_is_not_there_is_told_with_what_to_check(name: str) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(NotDeliveredError, match=r"refused.*check that it runs"):
            receiver(name, url).deliver(OPENED)


def test_a_line_without_tls_is_told_with_what_to_check() -> None:
    def answer(listening: socket.socket) -> None:
        caller, _ = listening.accept()
        caller.recv(1024)
        caller.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
        caller.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=answer, args=(listening,))
        thread.start()
        with pytest.raises(NotDeliveredError, match="speaks TLS"):
            receiver("slack", f"https://127.0.0.1:{listening.getsockname()[1]}").deliver(OPENED)
        thread.join()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("status", [200, 404, 500])
def test_no_secret_is_in_a_log_or_an_error(
    town: Town, caplog: pytest.LogCaptureFixture, name: str, status: int
) -> None:
    town.troubles[PATHS[name]] = [status] if status != 200 else []
    one, said = receiver(name, town.url), ""
    with caplog.at_level(logging.DEBUG):
        try:
            one.deliver(OPENED)
        except NotDeliveredError as error:
            said = f"{error!r}"
    shown = f"{one!r} {said} {caplog.text}"
    assert [secret for secret in SECRETS if secret in shown] == []


def test_alertmanager_is_told_that_another_severity_has_ended() -> None:
    manager = Alertmanager(httpx.URL("http://127.0.0.1:9"), lambda: NOW)
    first, second = manager.alerts(UPDATED)
    assert (first["labels"]["severity"], first["endsAt"]) == ("warning", NOW.isoformat())
    assert (second["labels"]["severity"], "endsAt" in second) == ("critical", False)
    assert [one["labels"]["severity"] for one in manager.alerts(RESOLVED)] == ["warning"]


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ("", "no address"),
        ("alerts.example", "no address"),
        ("file:///etc/passwd", "no address"),
        ("https://", "no address"),
        ("https://me:hush@alerts.example", "more than an address"),
        ("https://alerts.example/?key=hush", "more than an address"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused_and_not_repeated(given_: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words) as caught:
        address("ALERT_WEBHOOK_URL", given_)
    assert "hush" not in str(caught.value)


def test_a_key_or_secret_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(SettingsError, match="PAYOPS_PAGERDUTY_KEY"):
        PagerDuty(httpx.URL("https://events.pagerduty.test"), "not a key\n")
    with pytest.raises(SettingsError, match="PAYOPS_ALERT_WEBHOOK_SECRET"):
        AlertWebhook(httpx.URL("https://alerts.test"), b"", lambda: NOW, str)


def test_tls_is_verified() -> None:
    from tools.calling import trusted

    assert trusted().verify_mode is ssl.CERT_REQUIRED
    assert trusted().check_hostname
