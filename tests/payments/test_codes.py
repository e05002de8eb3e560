"""The table of decline codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from payments.codes import CodeGroup, DeclineCode, DeclineCodes, System, decline_codes, look_up
from payments.tables import read_table


def rows() -> list[dict[str, str]]:
    return read_table("decline_codes.csv")


def test_a_code_that_stands_twice_in_its_system_is_refused_whatever_its_case() -> None:
    (row,) = (row for row in rows() if row["code"] == "N7")
    with pytest.raises(ValidationError, match="listed once in its system"):
        DeclineCodes.model_validate([row, {**row, "code": "n7"}])
    assert len(DeclineCodes.model_validate([row, {**row, "system": "upi"}]).root) == 2


@pytest.mark.parametrize(
    ("code", "system", "meaning"),
    [
        ("82", None, "negative card"),
        ("82", "iso8583", "negative card"),
        ("82", "mastercard", "policy"),
        ("Z5", None, "beneficiary"),
        ("Z5", "iso8583", "amount not supported"),
        ("15", "upi", "not live"),
        ("Z9", "stripe", "not in the table"),
    ],
)
def test_systems_that_share_a_code_are_told_apart_by_name(
    code: str, system: System | None, meaning: str
) -> None:
    assert meaning in look_up(code, system).meaning


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("U30|Z9", "user"),
        ("U30|XY", "issuer"),
        ("u30|91", "issuer"),
        ("U30|DEBIT HAS BEEN FAILED|U28", "issuer"),
        ("U30|DEBIT HAS BEEN FAILED", "generic"),
        ("05 : Do not honor", "generic"),
        ("91 : Z9", "issuer"),
        ("5", "generic"),
        ("|", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_pair_is_known_by_its_cause_and_a_code_with_its_text_by_the_code(code: str, group: str) -> None:
    assert look_up(code).group == group
    assert look_up(code).code in {code, code.zfill(2)}


@given(st.text(max_size=20), st.none() | st.sampled_from(["iso8583", "upi", "mastercard"]))
def test_any_text_is_a_code_of_a_known_group(code: str, system: System | None) -> None:
    assert look_up(code, system).group in CodeGroup
    assert look_up(code, system).code.upper().strip() in {code.upper().strip(), code.upper().strip().zfill(2)}


def test_every_group_is_used() -> None:
    assert {code.group for code in decline_codes().values()} == set(CodeGroup)


def test_every_code_says_what_it_means_and_where_that_is_written() -> None:
    assert all(code.meaning and code.source for code in decline_codes().values())


def test_an_unknown_code_is_kept_under_its_own_name() -> None:
    code = look_up("Z%;\u202eX")
    assert (code.code, code.group, code.technical) == ("Z%;\u202eX", CodeGroup.UNKNOWN, False)


def test_codes_are_found_in_either_case() -> None:
    assert look_up("n7") == look_up("N7")
    assert look_up("TIMEOUT") == look_up("timeout")


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("91", "issuer"), ("XY", "issuer"), ("U28", "issuer"),
        ("96", "technical"), ("68", "technical"), ("06", "technical"), ("timeout", "technical"),
        ("http_5xx", "technical"), ("tls_error", "technical"), ("psp_acquirer_error", "technical"),
        ("31", "routing"), ("92", "routing"),
        ("03", "config"), ("12", "config"), ("57", "config"), ("58", "config"), ("15", "config"),
        ("30", "config"), ("X6", "config"), ("YH", "config"), ("merchant_inactive", "config"),
        ("cfg_pm_not_enabled", "config"),
        ("59", "risk"), ("63", "risk"), ("34", "risk"),
        ("14", "card_data"), ("N7", "card_data"), ("82", "card_data"),
        ("3ds_acs_error", "authentication"), ("402", "authentication"), ("101301", "authentication"),
        ("94", "retry_limit"), ("65", "retry_limit"), ("U80", "retry_limit"), ("U86", "retry_limit"),
        ("XT", "cutover"), ("XU", "cutover"),
        ("05", "generic"), ("5C", "generic"), ("9G", "generic"), ("79", "generic"), ("83", "generic"),
        ("51", "user"), ("54", "user"), ("55", "user"), ("61", "user"), ("Z9", "user"), ("ZM", "user"),
    ],
)  # fmt: skip
def test_a_code_says_what_its_failures_speak_of(code: str, group: str) -> None:
    assert look_up(code).group == group


def test_codes_of_people_and_of_risk_are_never_technical() -> None:
    not_technical = {CodeGroup.USER, CodeGroup.CARD_DATA, CodeGroup.RISK, CodeGroup.CONFIG, CodeGroup.GENERIC}
    assert not [
        code.code for code in decline_codes().values() if code.technical and code.group in not_technical
    ]


@pytest.mark.parametrize("code", ["68", "timeout", "read_timeout", "94", "UP", "BT", "U67"])
def test_after_an_unknown_outcome_the_payment_is_looked_up_before_it_is_tried_again(code: str) -> None:
    assert look_up(code).retry == "reconcile_first"


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['system']}-{row['code']}")
def test_every_row_is_well_formed(row: dict[str, str]) -> None:
    assert DeclineCode.model_validate(row).code == row["code"].strip()
