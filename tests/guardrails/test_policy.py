from pathlib import Path

import pytest

from guardrails.policy import Policy
from payments.action import ActionKind
from payments.errors import SettingsError


def write(folder: Path, text: str) -> Path:
    path = folder / "payops.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_defaults_are_the_documented_limits() -> None:
    policy = Policy()
    assert policy.confidence_threshold == 0.8
    assert policy.max_autonomous_volume == 5000
    assert policy.allowed_kinds == frozenset(ActionKind)


def test_a_fault_that_stays_behind_on_its_route_is_rerouted_alone_and_no_other() -> None:
    assert Policy().rerouting_heals == {
        "psp_outage", "psp_issuer_link", "psp_brownout", "expired_cert", "routing_misconfig",
    }  # fmt: skip
    assert not Policy().rerouting_heals & Policy().rerouting_harms


def test_limits_come_from_the_guardrails_table(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '[guardrails]\nconfidence_threshold = 0.9\nallowed_kinds = ["alert_operators"]\n[other]\nx = 1\n',
    )
    policy = Policy.load(path)
    assert policy.confidence_threshold == 0.9
    assert policy.allowed_kinds == {ActionKind.ALERT}
    assert policy.max_autonomous_volume == 5000


def test_a_file_without_the_table_gives_the_defaults(tmp_path: Path) -> None:
    assert Policy.load(write(tmp_path, "")) == Policy()


@pytest.mark.parametrize(
    ("line", "key", "value", "limit"),
    [
        ("confidence_threshold = 1.2", "guardrails.confidence_threshold", "1.2", "less than or equal to 1"),
        (
            "max_autonomous_volume = -1",
            "guardrails.max_autonomous_volume",
            "-1",
            "greater than or equal to 0",
        ),
        ('max_target_load = "all"', "guardrails.max_target_load", "'all'", "number"),
        ("max_volume = 3", "guardrails.max_volume", "3", "max_autonomous_volume"),
        ('allowed_kinds = ["refund"]', "guardrails.allowed_kinds", "'refund'", "reroute_traffic"),
    ],
)
def test_a_wrong_limit_is_named_with_its_value_and_what_is_allowed(
    tmp_path: Path, line: str, key: str, value: str, limit: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        Policy.load(write(tmp_path, f"[guardrails]\n{line}\n"))
    message = str(raised.value)
    assert key in message
    assert value in message
    assert limit in message


def test_an_expiry_range_that_is_upside_down_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"min_expires_after_s 900\.0 exceeds max_expires_after_s 300\.0"):
        Policy.of({"min_expires_after_s": 900, "max_expires_after_s": 300})


def test_a_scalar_in_place_of_the_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="must be a table"):
        Policy.load(write(tmp_path, "guardrails = 3\n"))


@pytest.mark.parametrize("text", ["[guardrails\n", "\x00"])
def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"payops\.toml.*cannot be read"):
        Policy.load(write(tmp_path, text))


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.toml.*cannot be read"):
        Policy.load(tmp_path / "absent.toml")
