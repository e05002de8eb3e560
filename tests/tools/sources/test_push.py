"""What is sent over HTTP: who may send, what is taken, once each, and when the sender must wait."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.sources import signed
from tests.tools.sources.feeding import Clock
from tools.sources.push import events
from tools.sources.push.app import BODY_BYTES, Door, Keys, make_app
from tools.sources.push.lines import PAYMENTS, Lines
from tools.sources.push.signatures import adyen_key
from tools.sources.push.spool import Spool, SpoolReader
from tools.sources.report import Report
from tools.sources.stream.pace import micros
from tools.sources.stream.reader import Stretch
from tools.sources.stream.windows import Assembler

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TOKEN = {"Authorization": "Bearer token of the test"}
TICK_S = 5.0
ROOM = 50


class Sender:
    """A sender, and what became of what it sent."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock(NOW)
        self.spool = Spool(folder / "received.db", ROOM)
        lines = Lines(PAYMENTS, TICK_S, self.clock, lambda: self.spool.oldest_us)
        keys = Keys(
            "token of the test",
            signed.STRIPE_KEY.encode(),
            adyen_key(signed.ADYEN_KEY),
            signed.HYPERSWITCH_KEY.encode(),
        )
        self.http = TestClient(make_app(Door(self.spool, lines, keys, self.clock)))

    def post(self, path: str, body: bytes | str, **headers: str) -> Any:  # noqa: ANN401 - httpx' own answer
        return self.http.post(f"/v1/{path}", content=body, headers={**TOKEN, **headers})

    def lines(self, *objects: object) -> dict[str, Any]:
        answer = self.post("payments", "\n".join(json.dumps(one) for one in objects))
        found: dict[str, Any] = answer.json()
        return found

    def counted(self, minutes: int = 10) -> dict[str, Any]:
        """Count all that was kept around now as one increment."""
        reader = SpoolReader(self.spool, PAYMENTS.dims, "push", lambda: None)
        since, length = micros(NOW - timedelta(minutes=minutes)), minutes * 2 * 60_000_000
        stretch = Stretch(since, since + length, length)
        windows = list(Assembler(PAYMENTS.dims).windows(reader.counts(stretch), stretch))
        if not windows:
            return {}
        (window,) = windows
        codes = (
            {}
            if window.failures_by_code is None
            else dict(zip(window.codes, window.failures_by_code.sum(axis=0).tolist(), strict=True))
        )
        return {
            "attempts": int(window.attempts.sum()), "successes": int(window.successes.sum()),
            "pending": int(window.pending.sum()), "codes": codes, "cells": window.cells.keys,
            "amount": None if window.amount_minor is None else int(window.amount_minor.sum()),
        }  # fmt: skip


@pytest.fixture
def sender(tmp_path: Path) -> Iterator[Sender]:
    sender = Sender(tmp_path)
    yield sender
    sender.http.close()
    sender.spool.close()


def payment(number: int, **more: object) -> dict[str, object]:
    return {
        "ts": NOW.isoformat(), "payment_id": f"p{number}", "attempt_no": 1, "psp": "a", "method": "card",
        "outcome": "success", "latency_ms": 120, "amount": 100, "currency": "INR", **more,
    }  # fmt: skip


def test_payments_are_taken_and_counted(sender: Sender) -> None:
    said = sender.lines(payment(1), payment(2, outcome="declined", code="51"))
    assert said == {"taken": 2, "given_before": 0, "bad": {}, "problems": []}
    assert sender.counted() == {
        "attempts": 2, "successes": 1, "pending": 0, "codes": {"51": 1}, "amount": 200,
        "cells": (("a", "card", "", "", ""),),
    }  # fmt: skip


def test_what_is_sent_twice_counts_once(sender: Sender) -> None:
    sender.lines(payment(1), payment(1))
    assert sender.lines(payment(1), payment(1, attempt_no=2))["given_before"] == 1
    assert sender.counted()["attempts"] == 2


def test_a_pending_attempt_takes_its_outcome(sender: Sender) -> None:
    sender.lines(payment(1, outcome="pending"))
    sender.lines(payment(1, outcome="failed", code="91"))
    sender.lines(payment(1, outcome="success"))
    assert sender.counted()["codes"] == {"91": 1}
    assert sender.counted()["pending"] == 0


def test_bad_lines_are_told_and_the_others_are_taken(sender: Sender) -> None:
    said = sender.lines(
        payment(1), payment(2, outcome="hmm"), payment(3, payment_id=""), [1], payment(4, ts="x")
    )
    assert said["taken"] == 1
    assert said["bad"] == {
        "success is no known outcome": 1, "payment_id is empty": 1, "no JSON object": 1, "time is no time": 1,
    }  # fmt: skip
    assert said["problems"][0].startswith("line:2: outcome 'hmm' is no known outcome")


def test_times_that_nobody_counts_any_more_are_refused(sender: Sender) -> None:
    sender.spool.counted(micros(NOW))
    old, ahead = NOW - timedelta(minutes=61), NOW + timedelta(minutes=6)
    said = sender.lines(payment(1, ts=old.isoformat()), payment(2, ts=ahead.isoformat()))
    assert said["bad"] == {"time is too old or in the future": 2}


def test_a_body_without_one_good_line_is_a_bad_request(sender: Sender) -> None:
    assert sender.post("payments", "nonsense").status_code == 400


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer other"}, {"Authorization": ""}])
@pytest.mark.parametrize("path", ["payments", "windows"])
def test_without_the_token_nothing_is_taken(sender: Sender, path: str, headers: dict[str, str]) -> None:
    answer = sender.post(path, json.dumps(payment(1)), **headers)
    assert answer.status_code == 401
    assert "PAYOPS_PUSH_TOKEN" in answer.json()["error"]
    assert sender.counted() == {}


def test_a_full_queue_asks_the_sender_to_wait(sender: Sender) -> None:
    sender.lines(*(payment(number) for number in range(ROOM)))
    answer = sender.post("payments", json.dumps(payment(999)))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    sender.spool.counted(micros(NOW + timedelta(seconds=5)))
    assert sender.lines(payment(999, ts=(NOW + timedelta(seconds=6)).isoformat()))["taken"] == 1


def test_a_body_that_is_too_long_is_refused_before_it_is_read_to_its_end(sender: Sender) -> None:
    answer = sender.post("payments", b" " * (BODY_BYTES + 1))
    assert answer.status_code == 413


def test_windows_are_taken_by_cell_and_code(sender: Sender) -> None:
    row = {"attributes": {"psp": "a"}, "attempts": 10, "successes": 7, "payments": 9, "codes": {"51": 2}}
    window = {"start": NOW.isoformat(), "duration_s": TICK_S, "rows": [row]}
    for _ in range(2):
        assert sender.post("windows", json.dumps(window)).status_code == 200
    counted = sender.counted()
    assert (counted["attempts"], counted["successes"], counted["codes"]) == (10, 7, {"51": 2})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"duration_s": 60}, "duration_s is 60, TICK_SEC 5: they must be the same"),
        (
            {"rows": [{"attributes": {"shoe": "a"}, "attempts": 1, "successes": 1}]},
            "attributes ['shoe'] are not",
        ),
        (
            {"rows": [{"attributes": {"psp": "a"}, "attempts": 1, "successes": 2}]},
            "successes and pending exceed",
        ),
    ],
)
def test_windows_that_do_not_fit_are_refused(sender: Sender, change: dict[str, object], words: str) -> None:
    row = {"attributes": {"psp": "a"}, "attempts": 1, "successes": 1}
    window = {"start": NOW.isoformat(), "duration_s": TICK_S, "rows": [row], **change}
    answer = sender.post("windows", json.dumps(window))
    assert answer.status_code == 400
    assert words in answer.json()["problems"][0]


def test_received_payments_outlive_the_process(sender: Sender, tmp_path: Path) -> None:
    sender.lines(payment(1))
    sender.spool.close()
    sender.spool = Spool(tmp_path / "received.db", ROOM)
    assert sender.counted()["attempts"] == 1


def test_stripe_events_count_once_whatever_is_delivered_again(sender: Sender) -> None:
    body = signed.encoded(signed.stripe_charge(NOW))
    for _ in range(2):
        answer = sender.post("webhooks/stripe", body, **signed.stripe_headers(body, NOW))
        assert answer.status_code == 200
    counted = sender.counted()
    assert (counted["attempts"], counted["codes"]) == (1, {"insufficient_funds": 1})
    assert counted["cells"] == (("stripe", "card", "", "visa", "US"),)


def test_a_stripe_signature_of_long_ago_is_refused(sender: Sender) -> None:
    body = signed.encoded(signed.stripe_charge(NOW))
    headers = signed.stripe_headers(body, NOW - timedelta(seconds=301))
    assert sender.post("webhooks/stripe", body, **headers).status_code == 401


def test_adyen_gets_the_answer_it_waits_for(sender: Sender) -> None:
    answer = sender.post("webhooks/adyen", signed.encoded(signed.adyen_notification(NOW)))
    assert (answer.status_code, answer.text) == (200, "[accepted]")
    assert sender.counted()["codes"] == {"05": 1}


def test_hyperswitch_events_count_by_attempt(sender: Sender) -> None:
    for kind in ("payment_processing", "payment_failed", "payment_failed", "refund_succeeded"):
        body = signed.encoded(signed.hyperswitch_event(NOW, kind=kind))
        assert (
            sender.post("webhooks/hyperswitch", body, **signed.hyperswitch_headers(body)).status_code == 200
        )
    counted = sender.counted()
    assert (counted["attempts"], counted["codes"]) == (1, {"51": 1})


def test_events_that_somebody_changed_are_refused(sender: Sender) -> None:
    stripe = signed.encoded(signed.stripe_charge(NOW))
    hyperswitch = signed.encoded(signed.hyperswitch_event(NOW))
    forged = [
        ("stripe", stripe + b" ", signed.stripe_headers(stripe, NOW)),
        ("stripe", stripe, signed.stripe_headers(stripe, NOW, "another key")),
        ("stripe", stripe, {}),
        ("hyperswitch", hyperswitch + b" ", signed.hyperswitch_headers(hyperswitch)),
        ("hyperswitch", hyperswitch, {}),
        ("adyen", signed.encoded(signed.changed(signed.adyen_notification(NOW), success="true")), {}),
        ("adyen", signed.encoded(signed.changed(signed.adyen_notification(NOW), additionalData=None)), {}),
    ]
    for path, body, headers in forged:
        assert sender.post(f"webhooks/{path}", body, **headers).status_code == 401, path
    assert sender.counted() == {}


def test_a_sender_without_a_key_has_no_door(tmp_path: Path) -> None:
    sender = Sender(tmp_path)
    lines = Lines(PAYMENTS, TICK_S, sender.clock, lambda: 0)
    with TestClient(make_app(Door(sender.spool, lines, Keys("token"), sender.clock))) as http:
        answer = http.post("/v1/webhooks/stripe", content=b"{}")
    assert answer.status_code == 404
    assert "PAYOPS_STRIPE_KEY" in answer.json()["error"]
    sender.spool.close()


_KEYS = st.sampled_from(
    ["type", "data", "object", "outcome", "card", "last_payment_error", "content", "event_type", "amount",
     "additionalData", "notificationItems", "NotificationRequestItem", "eventCode", "payment_method_details"]
)  # fmt: skip

nested = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=4)),
    max_leaves=12,
)
_KINDS = st.sampled_from(
    ["charge.failed", "payment_failed", "payment_intent.payment_failed", "AUTHORISATION"]
)


@given(st.dictionaries(_KEYS, nested, max_size=5), _KINDS)
def test_no_event_of_whatever_form_breaks_the_readers(event: dict[str, Any], kind: str) -> None:
    event |= {"type": kind, "event_type": kind, "eventCode": kind}
    read = [*events.of_stripe(event), *events.of_hyperswitch(event), *events.of_adyen(event)]
    assert all(isinstance(one, dict) for one in [*read, *events.adyen_items(event)])


_NAMES = st.sampled_from([*PAYMENTS.dims, "ts", "outcome", "payment_id", "attempt_no", "amount", "currency"])


@given(st.lists(st.dictionaries(_NAMES, nested, max_size=8), max_size=4), st.binary(max_size=30))
def test_no_body_breaks_the_reader_and_every_line_is_accounted_for(
    objects: list[dict[str, Any]], rest: bytes
) -> None:
    body = b"\n".join([*(json.dumps(one).encode() for one in objects), rest])
    report = Report("line")
    rows = Lines(PAYMENTS, TICK_S, Clock(NOW), lambda: 0).payments(body, report)
    assert len(rows) == report.valid
    assert report.rows >= len([one for one in objects if one])
