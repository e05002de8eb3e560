"""Every kind of wrong row and wrong file, with the message that people get."""

import gzip
from pathlib import Path

import pytest

from payments.errors import BadFile, BadMapping
from tools.sources.mapping import parse_mapping
from tools.sources.replay import ReplaySource

HEADER = "hr,t,ok,pg\n"
GOOD = "".join(f"2020-02-14 {hour:02d},3,2,A\n" for hour in range(12))
MAPPING = parse_mapping("time=hr,attempts=t,success=ok,dims=pg")


def replay(path: Path) -> ReplaySource:
    return ReplaySource(path, MAPPING, feed="test")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2020-02-14 20,2,3,A", "successes and pending 3 exceed attempts 2; at most as many are expected"),
        ("2020-02-14 20,-2,0,A", "t '-2' is negative; expected is a whole number from 0 to 1,000,000,000"),
        ("2020-02-14 20,2.5,0,A", "t '2.5' is not whole; expected is a whole number from 0 to 1,000,000,000"),
        ("2020-02-14 20,nan,0,A", "t 'nan' is no number; expected is a whole number from 0 to 1,000,000,000"),
        ("2020-02-14 20,,0,A", "t '' is empty; expected is a whole number from 0 to 1,000,000,000"),
        (
            "14/02/2020,3,2,A",
            (
                "hr '14/02/2020' is no time; expected is ISO 8601, YYYY-MM-DD HH, "
                "or seconds or milliseconds since 1970"
            ),
        ),
        ("2020-02-14 20,3", "2 fields, 4 are expected as in the header"),
        ("2020-02-14 20,3,2,A,B", "5 fields, 4 are expected as in the header"),
        ("2020-02-14 2", "1 fields, 4 are expected as in the header"),
        (
            "2020-02-14 20,\x1b[2J,2,A",
            "t '\\x1b[2J' is no number; expected is a whole number from 0 to 1,000,000,000",
        ),
    ],
)
def test_a_bad_row_is_skipped_with_its_file_and_line(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + GOOD + row + "\n", encoding="utf-8")
    source = replay(path)
    assert [str(problem) for problem in source.report.problems] == [f"{path}:14: {message}."]
    assert source.report.valid == 12
    assert source.windows == 12


def test_the_rows_that_an_open_quote_swallows_are_counted_and_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    swallowed = '2020-02-14 20,3,"2,A\n' + "2020-02-14 21,3,2,A\n" * 3
    path.write_text(HEADER + GOOD + swallowed, encoding="utf-8")
    report = replay(path).report
    assert (report.valid, report.bad) == (12, {"wrong number of fields": 4})
    (problem,) = report.problems
    assert f"{path}:14: " in str(problem)
    assert "in lines 14 to 17; look for a quote that is not closed" in str(problem)


def test_a_truncated_last_line_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + GOOD + '2020-02-14 20,3,2,"A', encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8")[:-5], encoding="utf-8")
    assert replay(path).report.bad == {"wrong number of fields": 1}


def test_a_quote_that_is_not_closed_costs_its_lines_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    many = "".join(f"2020-02-14 {hour:02d},3,2,{number}\n" for number in range(400) for hour in range(24))
    path.write_text(HEADER + many + '2020-02-14 20,3,2,"A\n' + many[:200_000], encoding="utf-8")
    report = replay(path).report
    assert report.bad["no CSV"] > 1000
    assert "look for a quote that is not closed" in str(report.problems[0])


def test_a_line_break_inside_quotes_keeps_the_line_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + '2020-02-14 20,3,2,"A\nB"\n' + GOOD + "x,3,2,A\n", encoding="utf-8")
    assert str(replay(path).report.problems[0]).startswith(f"{path}:16: hr 'x' is no time")


def test_blank_lines_and_a_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\ufeff" + HEADER + "\n" + GOOD + "\n\n", encoding="utf-8")
    assert replay(path).report.sentence().endswith("12 rows, 12 taken.")


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_are_recognised(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text((HEADER + GOOD).replace(",", delimiter), encoding="utf-8")
    assert replay(path).windows == 12


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"hr": "2020-02-14 20", "t": 3', "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[1, 2]", "no JSON object"),
        ('{"hr": "2020-02-14 20", "t": NaN, "ok": 1, "pg": "A"}', "attempts is no number"),
        ('{"hr": "2020-02-14 20", "t": [3], "ok": 1, "pg": "A"}', "attempts is no number"),
        ('{"hr": "2020-02-14 20", "t": true, "ok": 1, "pg": "A"}', "attempts is no number"),
        ('{"t": 3, "ok": 1, "pg": "A"}', "time is empty"),
    ],
)
def test_a_bad_json_line_is_skipped(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "a.jsonl"
    good = "".join(f'{{"hr": "2020-02-14 {hour:02d}", "t": 3, "ok": 2, "pg": "A"}}\n' for hour in range(3))
    path.write_text(good + line + "\n", encoding="utf-8")
    assert replay(path).report.bad == {reason: 1}


def test_a_lone_surrogate_becomes_a_question_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"hr": "2020-02-14 20", "t": 3, "ok": 2, "pg": "A\\ud800"}\n', encoding="utf-8")
    assert replay(path).cells.keys == (("A?",),)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\n\n", "has no columns"),
        ("a.csv", HEADER.encode(), "has columns but no row"),
        ("a.csv", (HEADER + "x,1,1,A\n").encode(), "has no valid row among 1; the first: "),
        ("a.csv", (HEADER + GOOD[:60] + "x,1,1,A\n" * 9).encode(), "more than half"),
        ("a.csv", (HEADER + GOOD).encode() + b"\xff\n", "is not UTF-8 text"),
        ("a.csv", (HEADER + GOOD).encode("utf-16"), "is not UTF-8 text"),
        ("a.txt", HEADER.encode(), "unknown ending; .csv, .jsonl"),
        ("a.csv.gz", b"no gzip", "is damaged or cut short"),
        ("a.csv.gz", gzip.compress((HEADER + GOOD).encode(), mtime=0)[:-12], "is damaged or cut short"),
        ("a.jsonl", b"hello\n", "has no columns"),
        ("a.parquet", b"PAR1 and nothing else", "cannot be read"),
    ],
)
def test_a_hopeless_file_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadFile) as caught:
        replay(path)
    assert words in str(caught.value)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="does not exist"):
        replay(tmp_path / "a.csv")
    with pytest.raises(BadFile, match="is a folder"):
        replay(tmp_path)


def test_a_column_of_the_mapping_that_is_not_in_the_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("hour,t,ok,pg\n1,1,1,1\n", encoding="utf-8")
    with pytest.raises(BadMapping, match="there is no column 'hr'; did you mean 'hour'"):
        replay(path)


def test_only_the_first_twenty_problems_are_kept_in_full(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    good = "".join(f"2020-02-14 {hour:02d},3,2,{pg}\n" for hour in range(24) for pg in "ABCD")
    path.write_text(HEADER + good + "x,3,2,A\n" * 50, encoding="utf-8")
    report = replay(path).report
    assert (len(report.problems), report.bad.total()) == (20, 50)
