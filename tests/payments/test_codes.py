"""The table of decline codes."""

import csv
from importlib.resources import files

import pytest

from payments.codes import CodeGroup, DeclineCode, decline_codes, look_up


def rows() -> list[dict[str, str]]:
    text = files("payments").joinpath("decline_codes.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_every_code_is_listed_once_whatever_its_case() -> None:
    codes = [row["code"].upper() for row in rows()]
    assert len(codes) == len(set(codes)) == len(decline_codes())


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


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["code"])
def test_every_row_is_well_formed(row: dict[str, str]) -> None:
    assert DeclineCode.model_validate(row).code == row["code"].strip()
