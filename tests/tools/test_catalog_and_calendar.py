"""What a replay knows beside its increments: its routes and the planned downtimes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from payments.errors import BadFile
from payments.segment import Segment
from tools.sources.calendar import FileCalendar
from tools.sources.catalog import SeenCatalog
from tools.sources.mapping import parse_mapping
from tools.sources.replay import ReplaySource

ROWS = """hr,t,ok,pg,pmt,mid
2020-02-14 05,3600,3600,A,UPI,m1
2020-02-14 06,3600,1800,A,UPI,m1
2020-02-14 06,7200,7200,A,CARD,m1
2020-02-14 06,3600,2700,B,UPI,m1
2020-02-14 06,3600,3600,C,CARD,m1
2020-02-14 06,3600,3600,D,UPI,m2
2020-02-14 06,3600,3600,,UPI,m1
"""


@pytest.fixture
def source(tmp_path: Path) -> ReplaySource:
    path = tmp_path / "a.csv"
    path.write_text(ROWS, encoding="utf-8")
    return ReplaySource(path, parse_mapping("time=hr,attempts=t,success=ok,dims=pg,pmt,mid"), "test")


def test_routes_are_those_that_carry_this_kind_of_payment(source: ReplaySource) -> None:
    catalog = SeenCatalog(lambda: source.cells, lambda: source.recent)
    routes = catalog.routes(Segment.of(pg="A", pmt="UPI", mid="m1"))
    assert [route.name for route in routes] == ["A", "B"]
    assert [route.name for route in catalog.routes(Segment.of(pg="A", pmt="UPI"))] == ["A", "B", "D"]


def test_load_is_of_the_route_and_success_of_the_kind_of_payment(source: ReplaySource) -> None:
    source.read()
    source.read()
    route = SeenCatalog(lambda: source.cells, lambda: source.recent).routes(Segment.of(pmt="UPI", mid="m1"))[
        0
    ]
    assert (route.load_per_s, route.success_rate, route.capacity_per_s) == (3.0, 0.5, None)
    assert route.methods == ("CARD", "UPI")


def test_a_route_takes_payments_of_the_countries_that_it_is_seen_to_take(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "hr,t,ok,pg,country\n2020-02-14 05,9,9,A,IN\n2020-02-14 05,9,9,A,FR\n2020-02-14 05,9,9,B,FR\n"
    )
    source = ReplaySource(path, parse_mapping("time=hr,attempts=t,success=ok,dims=pg,country"), "test")
    routes = SeenCatalog(lambda: source.cells, lambda: source.recent).routes(Segment.of(pg="A"))
    assert [route.countries for route in routes] == [("FR", "IN"), ("FR",)]


def test_before_the_first_increment_nothing_is_known_of_load_and_success(source: ReplaySource) -> None:
    route = SeenCatalog(lambda: source.cells, lambda: source.recent).routes(Segment.of())[0]
    assert (route.load_per_s, route.success_rate) == (0.0, None)


def test_without_an_attribute_that_is_a_route_there_are_no_routes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ROWS, encoding="utf-8")
    source = ReplaySource(path, parse_mapping("time=hr,attempts=t,success=ok,dims=pmt"), "test")
    assert SeenCatalog(lambda: source.cells, lambda: source.recent).routes(Segment.of()) == ()


CALENDAR = """
[[planned]]
segment = { psp = "alpha" }
start = 2026-01-01T02:00:00Z
end = "2026-01-01T04:00:00+01:00"
note = "database upgrade"
"""


def test_a_downtime_is_in_force_from_its_start_to_before_its_end(tmp_path: Path) -> None:
    path = tmp_path / "calendar.toml"
    path.write_text(CALENDAR, encoding="utf-8")
    calendar = FileCalendar(path)
    start = datetime(2026, 1, 1, 2, tzinfo=UTC)
    (found,) = calendar.planned(start)
    assert (found.segment, found.note) == (Segment.of(psp="alpha"), "database upgrade")
    assert calendar.planned(start - timedelta(seconds=1)) == ()
    assert calendar.planned(start + timedelta(hours=1)) == ()


def test_without_a_file_nothing_is_planned() -> None:
    assert FileCalendar(None).planned(datetime(2026, 1, 1, tzinfo=UTC)) == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[[planned]\n", "is no TOML text"),
        ('[[planned]]\nsegment={psp="a"}\nstart="soon"\nend=2026-01-01\n', "planned.0.start"),
        ('[[planned]]\nsegment="a"\nstart=2026-01-01\nend=2026-01-02\n', "planned.0.segment"),
        (CALENDAR.replace("04:00", "03:00"), "is not after"),
        (CALENDAR.replace("note", "nota"), "planned.0.nota"),
    ],
)
def test_a_wrong_calendar_is_refused(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "calendar.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadFile) as caught:
        FileCalendar(path)
    assert words in str(caught.value)


def test_a_calendar_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="No such file"):
        FileCalendar(tmp_path / "calendar.toml")
