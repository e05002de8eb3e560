"""What Prometheus may answer instead of what was asked: half of it, something else, or nonsense."""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.sources.mapping import ColumnMap
from tools.sources.prometheus.api import Api
from tools.sources.prometheus.reader import PrometheusReader
from tools.sources.stream.reader import SourceDown, Stretch

MAPPING = ColumnMap(time="time", success="outcome", dims=("psp",), code="code")
STRETCH = Stretch(0, 3_000_000, 1_000_000)
StartResponse = Callable[[str, list[tuple[str, str]]], object]


def answering(body: bytes, status: str = "200 OK") -> PrometheusReader:
    """Give a reader whose server always answers the same."""

    def app(_: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        start(status, [("Content-Type", "application/json")])
        return [body]

    client = httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://prometheus/")
    return PrometheusReader(Api(client, "prometheus:9090"), "payments_total", MAPPING)


def series(*values: tuple[float, str], **labels: str) -> dict[str, Any]:
    return {"metric": {"__name__": "payments_total", **labels}, "values": [list(one) for one in values]}


def matrix(*found: dict[str, Any]) -> bytes:
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": found}}).encode()


def test_outcomes_and_codes_come_from_labels() -> None:
    reader = answering(
        matrix(
            series((0, "1"), (1, "4"), (2, "4"), (3, "10"), psp="a", outcome="success", code="00"),
            series((0, "0"), (1, "2"), psp="a", outcome="declined", code="51"),
            series((0, "0"), (1, "1"), psp="a", outcome="pending"),
            series((0, "0"), (1, "5"), psp="a", outcome="who knows"),
        )
    )
    rows = reader.counts(STRETCH).to_pylist()
    by_tick = {(row["tick"], row["code"], row["successes"], row["pending"]): row for row in rows}
    assert by_tick[0, "", 3, 0]["attempts"] == 3
    assert by_tick[2_000_000, "", 6, 0]["attempts"] == 6
    assert by_tick[0, "51", 0, 0]["attempts"] == 2
    assert by_tick[0, "", 0, 1]["attempts"] == 1
    assert sum(row["unknown"] for row in rows) == 5


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b'{"status":"success","data":{"result', "200 OK", "200 OK, and no JSON"),
        (b"<html>Bad gateway</html>", "502 Bad Gateway", "502 Bad Gateway, and no JSON"),
        (b'{"status":"error","error":"query timed out"}', "503 Busy", "takes too long to answer"),
        (b'{"status":"success"}', "200 OK", "no data"),
        (b'{"status":"success","data":{}}', "200 OK", "gives half an answer"),
        (b'{"status":"success","data":{"result":[{"metric":{}}]}}', "200 OK", "gives half an answer"),
        (b'{"status":"success","data":[1]}', "200 OK", "gives half an answer"),
        (b"[]", "200 OK", "no data"),
    ],
)
def test_half_an_answer_is_told_and_asked_again_later(body: bytes, status: str, words: str) -> None:
    with pytest.raises(SourceDown, match=words):
        answering(body, status).counts(STRETCH)


def test_what_grew_while_nothing_was_scraped_is_said_once() -> None:
    reader = answering(matrix(series((0, "1"), (3, "8"), psp="a", outcome="success")))
    assert reader.counts(STRETCH).num_rows == 0
    assert reader.collect_notes() == ("7 payments were counted while nothing was scraped: they are left out",)
    assert reader.collect_notes() == ()


def test_values_that_are_no_numbers_are_passed_over() -> None:
    reader = answering(
        matrix(series((0, "1"), (1, "NaN"), (2, "+Inf"), (3, "3"), psp="a", outcome="success"))
    )
    assert reader.counts(STRETCH).num_rows == 0


values = st.recursive(
    st.one_of(st.none(), st.integers(-3, 3), st.floats(), st.text(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["metric", "values", "result", "psp", "outcome"]), inner, max_size=3),
    ),
    max_leaves=10,
)


@given(values)
def test_no_answer_breaks_the_reader(found: object) -> None:
    body = json.dumps({"status": "success", "data": {"result": found}}).encode()
    with suppress(SourceDown):
        assert answering(body).counts(STRETCH).column_names[0] == "tick"
