"""The mapping from columns to our words."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.errors import BadMapping
from tools.sources.mapping import ColumnMap, load_mapping, parse_mapping, recognise

COLUMN = st.text(st.characters(exclude_characters=",=", exclude_categories=["Cs"]), min_size=1).filter(
    lambda name: name == name.strip()
)


def test_a_token_without_equals_goes_on_with_the_list_before_it() -> None:
    mapping = parse_mapping("attempts=t,success=success,time=hr,dims=mid,pmt,pg,sub_type,bank")
    assert mapping == ColumnMap(
        attempts="t", success="success", time="hr", dims=("mid", "pmt", "pg", "sub_type", "bank")
    )


def test_a_list_may_stand_before_other_keys_and_spaces_do_not_matter() -> None:
    assert parse_mapping("dims = pg , bank, time=ts,success=ok") == ColumnMap(
        time="ts", success="ok", dims=("pg", "bank")
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("t,time=hr", "starts with 't'"),
        ("time=a,time=b,success=s,dims=d", "'time' is given twice"),
        ("tme=a,success=s,dims=d", "'tme' is no key of a mapping; did you mean 'time'?"),
        ("time=a,success=s", "lacks dims"),
        ("time=a,b,success=s,dims=d", "time takes one column, not 2: a, b"),
        ("time=,success=s,dims=d", "time names ''"),
        ("time=a,success=s,dims=d,d", "names a column twice"),
        ("time=a,success=s,dims=d,payments=p", "payments=p fits only aggregated rows"),
        ("time=a,success=s,dims=d,attempts=t,latency_ms=l", "latency_ms=l fits only one row a payment"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(BadMapping) as caught:
        parse_mapping(text)
    assert words in str(caught.value)


def test_a_column_that_is_not_there_is_named_with_the_nearest_and_all_others() -> None:
    mapping = parse_mapping("time=hr,success=succes,dims=pg")
    with pytest.raises(BadMapping) as caught:
        mapping.check(("hr", "success", "pg"))
    assert str(caught.value) == (
        "success=succes: there is no column 'succes'; did you mean 'success'? "
        "The columns are 'hr', 'success', 'pg'."
    )


def test_a_column_that_is_there_twice_is_refused() -> None:
    with pytest.raises(BadMapping, match="2 columns of this name"):
        parse_mapping("time=hr,success=ok,dims=pg").check(("hr", "ok", "pg", "pg"))


def test_a_toml_file_says_the_same_as_the_text(tmp_path: Path) -> None:
    file = tmp_path / "map.toml"
    file.write_text('time = "hr"\nattempts = "t"\nsuccess = "ok"\ndims = ["pg", "bank"]\n', encoding="utf-8")
    assert load_mapping(str(file)) == load_mapping("time=hr,attempts=t,success=ok,dims=pg,bank")


@pytest.mark.parametrize("content", [b"time = ", b"\xff\xfe", b"time = 3\nsuccess='a'\ndims=['b']"])
def test_a_damaged_toml_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "map.toml"
    file.write_bytes(content)
    with pytest.raises(BadMapping):
        load_mapping(str(file))


def test_a_toml_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadMapping, match="No such file"):
        load_mapping(str(tmp_path / "map.toml"))


def test_the_common_schema_is_recognised_by_its_column_names() -> None:
    columns = (
        "ts,payment_id,attempt_no,merchant,method,psp,network,issuer,bin,country,amount,currency,stage,outcome,"
        "code,raw_code,advice_code,latency_ms,route_rule_id"
    )
    mapping = recognise(tuple(columns.split(",")))
    assert mapping.dims == ("merchant", "method", "psp", "network", "issuer", "country")
    assert (mapping.time, mapping.success, mapping.attempt_no, mapping.attempts) == (
        "ts",
        "outcome",
        "attempt_no",
        None,
    )


def test_a_bin_stands_in_for_an_issuer_that_is_not_there() -> None:
    assert recognise(("ts", "outcome", "psp", "bin")).dims == ("psp", "bin")


def test_what_is_not_recognised_is_said_with_the_mapping_as_far_as_it_is_known() -> None:
    with pytest.raises(BadMapping) as refused:
        recognise(("t", "paid", "pg", "bank"))
    assert str(refused.value) == (
        "No column is recognised as time and success: name it with --map time=..,success=..,dims=pg,bank; "
        "there are 't', 'paid', 'pg', 'bank'."
    )


def test_of_several_names_of_one_thing_the_plainest_counts() -> None:
    mapping = recognise(("status", "response_code", "created_at", "ts", "Outcome", "psp"))
    assert (mapping.time, mapping.success, mapping.code) == ("ts", "Outcome", "response_code")


@given(text=st.text())
def test_no_text_raises_anything_but_bad_mapping(text: str) -> None:
    try:
        parse_mapping(text)
    except BadMapping as error:
        assert str(error)  # noqa: PT017 - which of the two happens depends on the text


@given(time=COLUMN, success=COLUMN, dims=st.lists(COLUMN, min_size=1, unique=True))
def test_every_mapping_survives_being_written_and_read(time: str, success: str, dims: list[str]) -> None:
    text = f"time={time},dims={','.join(dims)},success={success}"
    assert parse_mapping(text) == ColumnMap(time=time, success=success, dims=tuple(dims))
