"""The commands `kill` and `audit`, as a person uses them."""

import json
from contextlib import ExitStack
from pathlib import Path

import pytest

from console.authority import audit_log_of, check_causes, kill_switch_of, mode_of
from console.outside import now
from console.safety import audit, kill, verify
from console.settings import Settings, load_settings
from console.worlds import actuator_of
from guardrails.policy import Policy
from payments.audit import AuditRecord
from payments.errors import InputError, SettingsError, StorageError
from payments.verdict import Mode
from tests.payments.made import AT


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run each test in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def on_record(capsys: pytest.CaptureFixture[str], incident: str | None = None) -> list[dict[str, object]]:
    """List the records as JSON."""
    capsys.readouterr()
    audit(incident, 50, None, json=True)
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


def test_the_switch_is_turned_by_name_and_that_goes_on_record(capsys: pytest.CaptureFixture[str]) -> None:
    kill("on", "asha", "the bank asks for calm", None)
    assert "asha turned it on" in capsys.readouterr().out
    assert kill_switch_of(load_settings()).is_on()
    kill("off", "bo", "", None)
    assert capsys.readouterr().out == "The kill switch is off.\n"
    assert not kill_switch_of(load_settings()).is_on()
    assert [(one["event"], one["actor"]) for one in on_record(capsys)] == [
        ("stopped", "asha"),
        ("released", "bo"),
    ]


def test_asking_how_it_stands_changes_nothing(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kill("status", "", "", None)
    assert capsys.readouterr().out == "The kill switch is off.\n"
    assert list(own_folder.iterdir()) == []


@pytest.mark.parametrize("state", ["on", "off"])
def test_nobody_turns_it_without_a_name(state: str, own_folder: Path) -> None:
    with pytest.raises(InputError, match="--by is empty"):
        kill("on" if state == "on" else "off", " ", "", None)
    assert list(own_folder.iterdir()) == []


def test_it_is_on_even_when_nothing_can_be_recorded_and_says_so(
    own_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own_folder / "state" / "audit.jsonl").mkdir(parents=True)
    with pytest.raises(StorageError):
        kill("on", "asha", "", None)
    assert kill_switch_of(load_settings()).is_on()
    assert "The kill switch is on: asha turned it on" in capsys.readouterr().out


def test_it_stays_on_when_its_release_cannot_be_recorded(own_folder: Path) -> None:
    kill("on", "asha", "", None)
    (own_folder / "state" / "audit.head").unlink()
    with pytest.raises(StorageError):
        kill("off", "asha", "", None)
    assert kill_switch_of(load_settings()).is_on()


def test_a_setting_holds_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PAYOPS_KILL", "1")
    kill("off", "asha", "", None)
    assert "PAYOPS_KILL" in capsys.readouterr().out
    assert [one["after"] for one in on_record(capsys)] == [{"kill_switch_on": True}]


def test_verifying_names_the_first_line_that_was_changed(
    own_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kill("on", "asha", "", None)
    kill("off", "asha", "", None)
    assert verify(None, json=False)
    file = own_folder / "state" / "audit.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace("released", "stopped"), encoding="utf-8")
    capsys.readouterr()
    assert not verify(None, json=False)
    assert capsys.readouterr().out.startswith("Line 2 is not as it was written: it was changed")


def test_the_verdict_on_the_record_can_be_had_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    kill("on", "asha", "", None)
    capsys.readouterr()
    assert verify(None, json=True)
    found = json.loads(capsys.readouterr().out)
    assert (found["records"], found["bad_line"]) == (1, None)
    assert found["last"] in found["sentence"]


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYOPS_AUDIT_KEY", "of the auditors")
    kill("on", "asha", "", None)
    assert verify(None, json=False)
    monkeypatch.delenv("PAYOPS_AUDIT_KEY")
    assert not verify(None, json=False)


def test_records_are_listed_for_people_by_incident(capsys: pytest.CaptureFixture[str]) -> None:
    log = audit_log_of(load_settings())
    for incident, event in (("3f2a99", "proposed"), ("77bbcc", "proposed"), ("3f2a99", "ruled")):
        grounds = {"sentence": f"On the grounds of {incident}."}
        log.append(
            AuditRecord.model_validate({
                "id": f"{incident}:{event}", "at": AT, "incident_id": incident, "event": event,
                "actor": "planner", "inputs": grounds,
            })
        )  # fmt: skip
    assert [one["event"] for one in on_record(capsys, "3f2a")] == ["proposed", "ruled"]
    audit("3f", 1, None, json=False)
    said = capsys.readouterr().out
    assert "ruled" in said
    assert "proposed" not in said
    assert "grounds of" in " ".join(said.split())


def test_an_empty_record_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    audit(None, 50, None, json=False)
    assert capsys.readouterr().out == "Nothing is on record yet.\n"
    audit("3f2a", 50, None, json=False)
    assert capsys.readouterr().out == "Nothing is on record about '3f2a'.\n"


def test_a_limit_that_names_no_cause_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match=r"guardrails\.retries_harm .*'retry_strom'.*retry_storm"):
        check_causes(Policy(retries_harm=frozenset({"retry_strom"})))


def test_the_limits_as_they_come_name_causes_that_there_are() -> None:
    check_causes(Policy())


@pytest.mark.parametrize(
    ("chosen", "real", "mode"),
    [
        (None, False, Mode.AUTOPILOT),
        (None, True, Mode.COPILOT),
        (Mode.AUTOPILOT, True, Mode.AUTOPILOT),
        (Mode.SHADOW, True, Mode.SHADOW),
    ],
)
def test_nobody_is_asked_where_nothing_real_is_touched(
    chosen: Mode | None, mode: Mode, *, real: bool
) -> None:
    assert mode_of(Settings(mode=chosen), real=real) is mode


def test_in_shadow_mode_a_simulated_world_is_not_touched(own_folder: Path) -> None:
    shadow = Settings(mode=Mode.SHADOW, state_dir=own_folder)
    with ExitStack() as stack:
        actuator = actuator_of("simulator:psp_outage:7:abc", shadow, now, stack)
    assert (actuator.name, actuator.changes_traffic) == ("shadow", False)
