"""What the schemes allow after a decline, by date."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from payments.codes import CodeGroup, decline_codes, look_up
from payments.retry_rules import (
    RetryLimit,
    SchemeCategories,
    merchant_advice,
    retry_limits,
    scheme_category,
)
from payments.tables import read_table

NOW = date(2026, 8, 1)
CATEGORY = {
    "scheme": "visa", "code": "05", "category": 4, "region": "",
    "effective_from": "2021-01-01", "effective_until": "2022-01-01", "source": "s",
}  # fmt: skip

codes = st.sampled_from(sorted(decline_codes())) | st.text(max_size=6)
days = st.dates(date(2015, 1, 1), date(2035, 1, 1))


@pytest.mark.parametrize(
    ("code", "on", "category"),
    [
        ("05", NOW, 4),
        ("14", NOW, 1),
        ("14", date(2021, 4, 16), 3),
        ("62", date(2021, 4, 16), 1),
        ("62", date(2021, 4, 17), 2),
        ("n7", NOW, 3),
        ("5C", date(2025, 4, 10), None),
        ("5C", date(2025, 4, 11), 2),
        ("83", date(2026, 7, 24), None),
        ("83", date(2026, 7, 25), 2),
        ("Z9", NOW, None),
    ],
)
def test_visa_puts_a_code_into_one_category_at_a_time(code: str, on: date, category: int | None) -> None:
    assert scheme_category("Visa", code, on) == category


def test_the_rule_of_a_region_goes_before_the_rule_of_everywhere() -> None:
    assert scheme_category("visa", "1A", NOW) == 4
    assert scheme_category("visa", "1A", NOW, region="EU") == 3
    assert scheme_category("visa", "1A", NOW, region="BR") == 4


@pytest.mark.parametrize(
    ("code", "on", "most"),
    [
        ("41", NOW, 0),
        ("51", NOW, 20),
        ("51", date(2025, 5, 25), 20),
        ("51", date(2025, 5, 24), 15),
        ("05", date(2022, 1, 1), 15),
    ],
)
def test_visa_caps_the_retries_of_thirty_days_by_category(code: str, on: date, most: int) -> None:
    (limit,) = retry_limits("visa", code, on)
    assert (limit.most, limit.within_days, limit.counted) == (most, 30, "reattempts")


@pytest.mark.parametrize(
    ("region", "on", "caps"),
    [
        ("", date(2022, 9, 30), [(20, 1)]),
        ("", NOW, [(10, 1)]),
        ("US", date(2023, 10, 31), [(10, 1)]),
        ("US", date(2023, 11, 1), [(10, 1), (35, 30)]),
        ("CA", date(2024, 3, 31), [(10, 1)]),
        ("CA", NOW, [(10, 1), (35, 30)]),
        ("BR", NOW, [(7, 30), (10, 1)]),
    ],
)
def test_mastercard_caps_declines_by_day_and_month_where_and_since_it_says(
    region: str, on: date, caps: list[tuple[int, int]]
) -> None:
    limits = retry_limits("mastercard", "51", on, region=region)
    assert [(limit.most, limit.within_days) for limit in limits] == caps


@pytest.mark.parametrize("advice", ["03", "21"])
def test_an_advice_never_to_try_again_goes_before_every_cap(advice: str) -> None:
    assert merchant_advice(advice).retry == "never"
    assert retry_limits("mastercard", "51", NOW, advice=advice)[0].most == 0


@pytest.mark.parametrize(
    ("code", "wait"), [("24", timedelta(hours=1)), ("30", timedelta(days=10)), ("2", timedelta(days=3))]
)
def test_an_advice_says_how_long_to_wait(code: str, wait: timedelta) -> None:
    assert timedelta(seconds=merchant_advice(code).wait_s) == wait


def test_an_unknown_advice_is_kept_under_its_own_name() -> None:
    assert (merchant_advice("99").code, merchant_advice("99").retry) == ("99", "later")


@given(scheme=st.sampled_from(["visa", "mastercard", "rupay"]) | st.text(max_size=5), code=codes, on=days)
def test_any_question_has_an_answer_whose_caps_hold_on_that_day_and_come_strictest_first(
    scheme: str, code: str, on: date
) -> None:
    limits = retry_limits(scheme, code, on)
    assert all(limit.holds(on, "") for limit in limits)
    assert [limit.most for limit in limits] == sorted(limit.most for limit in limits)


def test_every_category_has_a_cap_and_every_code_with_a_category_is_in_the_table_of_codes() -> None:
    rows = read_table("scheme_categories.csv")
    for row in rows:
        assert look_up(row["code"], "iso8583").group is not CodeGroup.UNKNOWN
        on = date.fromisoformat(row["effective_from"] or "2026-01-01")
        if on >= date(2021, 4, 17):
            assert retry_limits(row["scheme"], row["code"], on, region=row["region"])


def test_every_rule_says_where_it_is_written() -> None:
    for name in ("scheme_categories.csv", "retry_limits.csv", "advice_codes.csv"):
        assert all(row["source"] for row in read_table(name))


@pytest.mark.parametrize("until", ["2021-01-01", "2020-12-31"])
def test_a_rule_that_ends_before_it_begins_is_refused(until: str) -> None:
    with pytest.raises(ValidationError, match="must be after"):
        SchemeCategories.model_validate([{**CATEGORY, "effective_until": until}])


def test_two_categories_of_a_code_at_the_same_time_are_refused() -> None:
    later = {**CATEGORY, "effective_from": "2021-12-31", "effective_until": ""}
    with pytest.raises(ValidationError, match="two categories for '05'"):
        SchemeCategories.model_validate([CATEGORY, later])
    for fine in ({**later, "effective_from": "2022-01-01"}, {**later, "region": "EU"}):
        assert len(SchemeCategories.model_validate([CATEGORY, fine]).root) == 2


@pytest.mark.parametrize(("field", "value"), [("most", "-1"), ("within_days", "0"), ("counted", "wishes")])
def test_a_cap_that_cannot_be_is_refused(field: str, value: str) -> None:
    row = {**read_table("retry_limits.csv")[0], field: value}
    with pytest.raises(ValidationError):
        RetryLimit.model_validate(row)
