"""The live page: what it shows of a feed, what it marks, and that it hears of news."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

import numpy as np
import pytest
from starlette.testclient import TestClient

from console.compose import open_incidents
from console.web.access.entrance import LocalEntrance
from console.web.app import create_app
from console.web.live.figures import columns, quantiles_ms
from console.web.live.outlook import Outlook
from console.web.live.panels import cell_of
from console.web.live.stream import Hub
from console.web.live.view import SPANS, Wanted
from console.web.serving import site_of
from console.web.site import Site
from memory.live import FILE, LiveBoard
from memory.live_reading import LiveReader, Place, Series
from payments.errors import NotFoundError, RefusedError
from payments.pulse import ATTEMPTS, BAD, EXPECTED_BAD, PULSE_COLUMNS, VARIANCE_BAD
from payments.segment import Segment
from payments.window import LATENCY_BINS
from tests.graph.made import Left
from tests.memory.pulses import pulse

WHOLE = Place("wide", 0)


@pytest.fixture
def site(acted: Left) -> Site:
    """Give the console of a feed with an action in force."""
    return site_of(acted.settings, LocalEntrance("root"))


@pytest.fixture
def outlook(site: Site) -> Iterator[Outlook]:
    reader = LiveReader(site.settings.state_dir / FILE)
    with open_incidents(site.settings) as incidents:
        yield Outlook(site, reader, incidents)
    reader.close()


@pytest.fixture
def browser(site: Site) -> Iterator[TestClient]:
    with TestClient(create_app(site, ("testserver",))) as client:
        yield client


def data_in(text: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(text.split('id="live-data">')[1].split("</script>", maxsplit=1)[0])
    return found


def test_the_page_shows_the_incident_the_action_and_its_time_left(browser: TestClient, acted: Left) -> None:
    text = browser.get("/").text
    assert f'href="/incidents/{acted.incident_id}"' in text
    assert "Reroute" in text
    assert "min left" in text
    assert "Success rate in % by issuer and psp" in text


def test_the_charts_mark_the_incident_and_when_the_action_began(browser: TestClient, acted: Left) -> None:
    marks = data_in(browser.get("/").text)["marks"]
    assert isinstance(marks, list)
    assert {(mark["kind"], mark["incident_id"]) for mark in marks} >= {
        ("incident", acted.incident_id),
        ("action", acted.incident_id),
    }


def test_every_span_and_segment_can_be_looked_at(browser: TestClient, outlook: Outlook) -> None:
    (feed,) = outlook.reader.feeds()
    places = outlook.reader.segments(feed).values()
    for span in SPANS:
        assert browser.get("/", params={"span": span}).status_code == 200
    for place in places:
        assert browser.get("/", params={"segment": f"{place.family}-{place.place}"}).status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        {"feed": "<script>"},
        {"segment": "wide-9999"},
        {"segment": "x"},
        {"span": "ever"},
        {"span": "' OR 1=1"},
    ],
)
def test_what_there_is_not_is_not_found(browser: TestClient, wanted: dict[str, str]) -> None:
    answer = browser.get("/", params=wanted)
    assert answer.status_code == 404
    assert "<script>" not in answer.text.split("<main")[1]


def test_an_address_that_is_too_long_is_refused(browser: TestClient) -> None:
    assert browser.get("/", params={"feed": "x" * 5_000}).status_code == 422


def test_before_any_watch_the_page_says_how_to_start_one(
    acted: Left, tmp_path_factory: pytest.TempPathFactory
) -> None:
    empty = acted.settings.model_copy(update={"state_dir": tmp_path_factory.mktemp("empty")})
    with TestClient(create_app(site_of(empty, LocalEntrance("root")), ("testserver",))) as client:
        assert "Nothing is watched yet" in client.get("/").text


def test_names_of_segments_and_feeds_stay_text(acted: Left, tmp_path_factory: pytest.TempPathFactory) -> None:
    empty = acted.settings.model_copy(update={"state_dir": tmp_path_factory.mktemp("hostile")})
    hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\ud800\u202e\x00"
    segments = (Segment({}), Segment.of(psp=hostile), Segment.of(issuer=hostile))
    told = {
        "at": "2026-03-02T12:00:00Z",
        "diagnosis": hostile,
        "events": [hostile],
        "notes": [hostile],
        "mode": "copilot",
    }
    board = LiveBoard(empty.state_dir / FILE)
    board.publish(f"file:{hostile}", pulse(60, segments), json.dumps(told))
    board.close()
    with TestClient(create_app(site_of(empty, LocalEntrance("root")), ("testserver",))) as client:
        text = client.get("/", params={"segment": "wide-1"}).text
    assert "&lt;img src=x" in text
    assert "<img" not in text
    assert text.count("<script") == text.count("</script>") == 7


def test_a_silent_watch_is_said_to_be_silent(site: Site, outlook: Outlook) -> None:
    (feed,) = outlook.reader.feeds()
    for silent_s, said_so in ((1.0, False), (120.0, True)):
        now = datetime.fromtimestamp(feed.published_s + silent_s, UTC)
        late = replace(site, clock=partial(_same, now))
        panels = json.loads(replace(outlook, site=late).updates([Wanted()])[Wanted()])["panels"]
        assert ("has been silent for 2 min" in panels["headline"]) == said_so


def _same(at: datetime) -> datetime:
    return at


def test_news_of_the_end_are_the_end_of_the_whole(outlook: Outlook) -> None:
    for span in ("short", "middle"):
        whole = outlook.series(Wanted(span=span))["points"]
        lately = json.loads(outlook.updates([Wanted(span=span)])[Wanted(span=span)])["points"]
        assert 0 < len(lately["at"]) <= 4
        assert {name: values[-len(lately["at"]) :] for name, values in whole.items()} == lately


def test_pages_that_want_the_same_get_the_same_and_others_their_own(outlook: Outlook) -> None:
    segment = Wanted(segment="wide-1")
    messages = outlook.updates({Wanted(), segment, Wanted(span="")})
    whole, part, none = (json.loads(messages[one]) for one in (Wanted(), segment, Wanted(span="")))
    assert whole["panels"] == part["panels"]
    assert whole["points"] != part["points"]
    assert set(none) == {"state"}


def test_a_page_of_a_feed_that_is_gone_is_told(outlook: Outlook) -> None:
    gone = Wanted(feed="simulator:gone")
    assert "was watched lately" in json.loads(outlook.updates([gone])[gone])["gone"]
    with pytest.raises(NotFoundError):
        outlook.page(gone)


def test_no_message_holds_the_seal_or_the_name_of_a_person(outlook: Outlook, browser: TestClient) -> None:
    seal = browser.get("/").text.split('name="csrf" value="')[1].split('"')[0]
    message = outlook.updates([Wanted()])[Wanted()]
    assert seal not in message
    assert "csrf" not in message


def test_all_who_listen_hear_the_newest_once(outlook: Outlook) -> None:
    async def listen() -> list[bytes]:
        hub = Hub(outlook)
        looking = asyncio.create_task(hub.run())
        pages = [hub.listen(Wanted(), "asha") for _ in range(5)]
        assert [await anext(page) for page in pages] == [b"retry: 2000\n\n"] * 5
        heard = await asyncio.gather(*(anext(page) for page in pages))
        for page in pages:
            await page.aclose()  # type: ignore[attr-defined]
        looking.cancel()
        return list(heard)

    heard = asyncio.run(listen())
    assert len({id(message) for message in heard}) == 1  # one copy for all
    assert heard[0].startswith(b"data: {")
    assert b'"kill": false' in heard[0]


@pytest.mark.parametrize("limit", ["LISTENERS_AT_MOST", "OF_ONE_AT_MOST"])
def test_more_pages_than_a_limit_are_turned_away(
    outlook: Outlook, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(f"console.web.live.stream.{limit}", 0)
    with pytest.raises(RefusedError, match="limit"):
        Hub(outlook).check_room("asha")


def test_one_person_cannot_take_the_room_of_all(outlook: Outlook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.web.live.stream.OF_ONE_AT_MOST", 1)

    async def listen() -> None:
        hub = Hub(outlook)
        page = hub.listen(Wanted(), "asha")
        await anext(page)
        hub.check_room("vik")
        with pytest.raises(RefusedError, match="1 pages are open"):
            hub.check_room("asha")
        await page.aclose()  # type: ignore[attr-defined]

    asyncio.run(listen())


@dataclass(frozen=True)
class Broken(Outlook):
    """An outlook with a fault in it."""

    def stamp(self) -> object:
        raise ZeroDivisionError


def test_a_fault_ends_all_streams_and_begins_no_new_one(outlook: Outlook) -> None:
    async def listen() -> list[bytes]:
        hub = Hub(Broken(outlook.site, outlook.reader, outlook.incidents))
        page = hub.listen(Wanted(), "asha")
        heard = [await anext(page)]
        with pytest.raises(ZeroDivisionError):
            await hub.run()
        heard += [message async for message in page]
        with pytest.raises(RefusedError, match="no more news"):
            hub.check_room("asha")
        return heard

    assert asyncio.run(listen()) == [b"retry: 2000\n\n"]


def test_streams_end_before_the_server_does(outlook: Outlook) -> None:
    async def listen() -> list[bytes]:
        hub = Hub(outlook)
        page = hub.listen(Wanted(), "asha")
        await anext(page)
        rest = asyncio.create_task(_all(page))
        await asyncio.sleep(0)
        hub.end()
        return await rest

    assert asyncio.run(listen()) == []


async def _all(page: AsyncIterator[bytes]) -> list[bytes]:
    return [message async for message in page]


ENDED = "The watch beside this console has ended: signal 9 killed it."


def test_that_the_watch_has_ended_is_said_beside_what_waits(site: Site, outlook: Outlook) -> None:
    over = replace(outlook, site=replace(site, ended=lambda: ENDED))
    news = json.loads(over.updates([Wanted()])[Wanted()])
    assert news["state"]["ended"] == ENDED
    assert ENDED in news["panels"]["headline"]
    assert "/incidents/" in news["panels"]["headline"]
    assert over.stamp() != outlook.stamp()


def test_a_watch_that_ended_at_once_is_not_waited_for(
    acted: Left, tmp_path_factory: pytest.TempPathFactory
) -> None:
    empty = acted.settings.model_copy(update={"state_dir": tmp_path_factory.mktemp("ended")})
    site = replace(site_of(empty, LocalEntrance("root")), ended=lambda: ENDED)
    with TestClient(create_app(site, ("testserver",))) as client:
        text = client.get("/").text
    assert "Nothing is watched yet" not in text
    assert ENDED in text


def counts(attempts: float, bad: float, expected: float, variance: float) -> np.ndarray:
    row = np.zeros(PULSE_COLUMNS)
    row[[ATTEMPTS, BAD, EXPECTED_BAD, VARIANCE_BAD]] = attempts, bad, expected, variance
    return row


@pytest.mark.parametrize(
    ("row", "step"),
    [
        (counts(0, 0, 0, 0), "none"),
        (counts(1_000, 80, 80, 90), "calm"),
        (counts(1_000, 108, 80, 90), "calm"),
        (counts(10_000, 1_000, 850, 900), "worse-1"),
        (counts(1_000, 120, 80, 90), "worse-2"),
        (counts(1_000, 200, 80, 90), "worse-3"),
        (counts(1_000, 400, 80, 90), "worse-4"),
        (counts(1_000, 900, 80, 90), "worse-5"),
        (counts(1_000, 20, 80, 90), "better"),
        (counts(1_000, 900, np.nan, np.nan), "calm"),
    ],
)
def test_a_segment_is_coloured_by_what_fails_beyond_chance(row: np.ndarray, step: str) -> None:
    assert cell_of(Segment({}), WHOLE, row).step == step


def test_points_add_rows_up() -> None:
    rows = np.stack([counts(100, number, 8, 8) for number in range(4)])
    series = Series(np.array([5.0, 10.0, 15.0, 20.0]), rows, None)
    points = columns(series, np.zeros(LATENCY_BINS), 5.0, 2)
    assert points["at"] == [5.0, 15.0]
    assert points["rate"] == [0.995, 0.975]
    assert points["volume"] == [20.0, 20.0]
    assert points["rate_low"][0] is not None
    assert points["rate_low"][0] < 0.92 < points["rate_high"][0]  # type: ignore[operator]


def test_a_stretch_without_attempts_has_no_rate() -> None:
    series = Series(np.array([5.0]), counts(0, 0, 0, 0)[None, :], np.zeros((1, LATENCY_BINS)))
    points = columns(series, np.zeros(LATENCY_BINS), 5.0, 1)
    assert (points["rate"], points["p95"], points["volume"]) == ([None], [None], [0.0])


def test_a_quantile_lies_within_its_bin() -> None:
    histogram = np.zeros((1, LATENCY_BINS))
    histogram[0, 10] = 100
    low, high = (quantiles_ms(histogram, np.array([q]))[0] for q in (0.01, 1.0))
    assert 10 * 1.2**9 < low < high
    assert high == pytest.approx(10 * 1.2**10)
