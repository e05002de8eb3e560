"""Where settings come from, and what is said about wrong ones."""

import re
import tomllib
from pathlib import Path

import pytest

from console.settings import SET_ABOVE, Settings, load_settings
from guardrails.policy import Policy
from payments.errors import SettingsError
from payments.verdict import Mode

EXAMPLE = Path(__file__).parents[2] / "payops.example.toml"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run each test in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(config: Path | None = None) -> str:
    """Give the message with which the settings are refused."""
    with pytest.raises(SettingsError) as caught:
        load_settings(config)
    return str(caught.value)


def written(folder: Path, text: str, name: str = "payops.toml") -> Path:
    """Write a settings file."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_the_defaults_are_those_of_the_handbook() -> None:
    settings = load_settings()
    assert settings.confidence_threshold == 0.8
    assert settings.max_autonomous_volume == 5000
    assert (settings.aggregation_window_sec, settings.tick_sec) == (60, 5)
    assert settings.state_dir == Path("state")
    assert settings.false_alarms_per_week == 1.0


def test_the_environment_wins_over_the_file(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(own_folder, "confidence_threshold = 0.9\nTICK_SEC = 10\n")
    monkeypatch.setenv("PAYOPS_CONFIDENCE_THRESHOLD", "0.7")
    settings = load_settings()
    assert (settings.confidence_threshold, settings.tick_sec) == (0.7, 10)


def test_the_environment_can_name_the_file(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(own_folder, "tick_sec = 1")
    monkeypatch.setenv("PAYOPS_CONFIG", str(written(own_folder, "tick_sec = 2", "other.toml")))
    assert load_settings().tick_sec == 2


def test_a_file_that_is_handed_in_wins_over_the_one_that_is_named(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYOPS_CONFIG", "missing.toml")
    assert load_settings(written(own_folder, "tick_sec = 3", "mine.toml")).tick_sec == 3


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYOPS_TICK_SEC", "")
    assert load_settings().tick_sec == 5


def test_variables_that_are_read_elsewhere_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYOPS_LLM_API_KEY", "sk-any")
    assert load_settings().tick_sec == 5


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("CONFIDENCE_THRESHOLD", "1.01", "a number from 0 to 1"),
        ("CONFIDENCE_THRESHOLD", "-0.1", "a number from 0 to 1"),
        ("CONFIDENCE_THRESHOLD", "nan", "a number from 0 to 1"),
        ("CONFIDENCE_THRESHOLD", "high", "a number from 0 to 1"),
        ("MAX_AUTONOMOUS_VOLUME", "0", "a whole number of attempts, at least 1"),
        ("MAX_AUTONOMOUS_VOLUME", "1.5", "a whole number of attempts, at least 1"),
        ("AGGREGATION_WINDOW_SEC", "-60", "seconds above 0, at most 86400, a multiple of TICK_SEC"),
        ("TICK_SEC", "0", "seconds above 0, at most 86400"),
        ("TICK_SEC", "inf", "seconds above 0, at most 86400"),
        ("LLM_TIMEOUT_S", "20.1", "seconds above 0, at most 20"),
        ("LLM_TIMEOUT_S", "0", "seconds above 0, at most 20"),
        ("LLM_WEIGHT", "0.71", "a number from 0 to 0.7"),
        ("LLM_WEIGHT", "-0.1", "a number from 0 to 0.7"),
        ("LLM_BUDGET", "1749", "a whole number of tokens, at least 1750, which is one call"),
        ("FALSE_ALARMS_PER_WEEK", "0", "a number above 0"),
        ("FALSE_ALARMS_PER_WEEK", "inf", "a number above 0"),
    ],
)
def test_a_value_out_of_range_is_refused(
    name: str, value: str, allowed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"PAYOPS_{name}", value)
    assert refusal() == f"{name} is {value!r} in the environment (PAYOPS_{name}); allowed is {allowed}."


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("tick_sec = true", "TICK_SEC is True in {file}; allowed is seconds above 0, at most 86400."),
        ("state_dir = 7", "STATE_DIR is 7 in {file}; allowed is a folder."),
        ("tick_sek = 5", "tick_sek = 5 in {file} is no setting; did you mean tick_sec?"),
        (
            "zzz = 5",
            "zzz = 5 in {file} is no setting; the settings are confidence_threshold, max_autonomous_volume, ",
        ),
        ("api_token = 'abc'", "api_token = (a value not repeated here) in {file} is no setting; "),
        (
            "tick_sec = 5\n\ntick_sec = =",
            "The settings file '{file}' is not valid TOML: Invalid value (at line 3, column 12).",
        ),
        (
            "tick_sec = 5\nTICK_SEC = 6",
            "The settings file '{file}' sets something twice, in upper and lower case: see TICK_SEC.",
        ),
    ],
)
def test_a_wrong_line_of_the_file_is_refused(line: str, message: str, own_folder: Path) -> None:
    file = written(own_folder, line, "mine.toml")
    assert refusal(file).startswith(message.format(file=file))


def test_an_unknown_variable_is_refused_with_the_nearest_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYOPS_CONFIDENCE_TRESHOLD", "0.9")
    expected = "PAYOPS_CONFIDENCE_TRESHOLD = '0.9' in the environment is no setting; did you mean "
    assert refusal() == f"{expected}PAYOPS_CONFIDENCE_THRESHOLD?"


def test_a_window_that_is_no_multiple_of_the_tick_is_refused(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(own_folder, "aggregation_window_sec = 50")
    monkeypatch.setenv("PAYOPS_TICK_SEC", "7")
    assert refusal() == (
        "AGGREGATION_WINDOW_SEC 50 in payops.toml is not a whole multiple of "
        "TICK_SEC '7' in the environment (PAYOPS_TICK_SEC)."
    )


def test_a_tick_longer_than_the_default_window_is_refused(own_folder: Path) -> None:
    written(own_folder, "tick_sec = 3600")
    assert "AGGREGATION_WINDOW_SEC 60 (the default) is not a whole multiple of TICK_SEC 3600" in refusal()


def test_ticks_of_a_tenth_of_a_second_fit_a_window_of_three(own_folder: Path) -> None:
    written(own_folder, "tick_sec = 0.1\naggregation_window_sec = 0.3")
    assert load_settings().tick_sec == 0.1


def test_all_problems_are_named_at_once(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(own_folder, "confidence_threshold = 2\nmax_volume = 1")
    monkeypatch.setenv("PAYOPS_TICK_SEC", "soon")
    monkeypatch.setenv("PAYOPS_COLOR", "blue")
    lines = refusal().splitlines()
    assert [line.split()[0] for line in lines] == [
        "PAYOPS_COLOR",
        "max_volume",
        "CONFIDENCE_THRESHOLD",
        "TICK_SEC",
    ]


def test_a_password_in_an_unknown_setting_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYOPS_DATABASES_URL", "mysql://me:hunter2@db/payops")
    message = refusal()
    assert "PAYOPS_DATABASES_URL" in message
    assert "hunter2" not in message


def test_a_named_file_that_is_missing_is_refused(own_folder: Path) -> None:
    assert refusal(own_folder / "none.toml").endswith(
        "none.toml' does not exist: create it, or name another."
    )


def test_a_folder_in_place_of_the_file_is_refused(own_folder: Path) -> None:
    assert refusal(own_folder).endswith("cannot be read: Is a directory.")


def test_a_file_that_is_no_text_is_refused(own_folder: Path) -> None:
    (own_folder / "payops.toml").write_bytes(b"\xff\xfe\x00")
    assert refusal() == "The settings file 'payops.toml' cannot be read: it is not UTF-8 text."


def test_the_example_file_names_every_setting_with_its_default() -> None:
    values = re.compile(r"# (\w+ = .*|\[guardrails\])$")
    lines = [line[2:] for line in EXAMPLE.read_text(encoding="utf-8").splitlines() if values.match(line)]
    example = tomllib.loads("\n".join(lines))
    assert Settings(**example) == load_settings()
    assert set(example) == set(Settings.model_fields)
    assert {*example["guardrails"], *SET_ABOVE} == set(Policy.model_fields)


def test_limits_come_from_the_guardrails_table_and_those_that_are_settings_from_above(
    own_folder: Path,
) -> None:
    written(own_folder, "confidence_threshold = 0.9\n[guardrails]\nversion = 'bank 7'\nprobe_share = 0.1\n")
    policy = load_settings().policy
    assert (policy.confidence_threshold, policy.probe_share, policy.max_autonomous_volume) == (0.9, 0.1, 5000)
    assert policy.label.startswith("bank 7:")


def test_a_setting_changes_the_digest_of_the_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    default = load_settings().policy
    assert default == Policy()
    monkeypatch.setenv("PAYOPS_MAX_AUTONOMOUS_VOLUME", "4999")
    assert load_settings().policy.digest != default.digest


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            "[guardrails]\nprobe_share = 2",
            "guardrails.probe_share = 2 is not allowed: Input should be less than",
        ),
        (
            "[guardrails]\nprobe_shar = 0.1",
            "guardrails.probe_shar = 0.1 is no limit; did you mean probe_share?",
        ),
        (
            "[guardrails]\nconfidence_threshold = 0.9",
            "[guardrails]: write confidence_threshold above the table, as a setting of its own.",
        ),
        (
            "guardrails = 3",
            "GUARDRAILS is 3 in {file}; allowed is the table [guardrails] of the settings file.",
        ),
        ("mode = 'manual'", "MODE is 'manual' in {file}; allowed is shadow, copilot or autopilot."),
        ("kill = true", "KILL is True in {file}; allowed is 0 or 1."),
    ],
)
def test_a_wrong_limit_is_named_with_its_file(lines: str, message: str, own_folder: Path) -> None:
    file = written(own_folder, lines, "mine.toml")
    said = refusal(file)
    assert said.startswith(message.format(file=file))
    assert str(file) in said


def test_the_guardrails_are_no_variable_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYOPS_GUARDRAILS", '{"probe_share": 0.1}')
    assert "allowed is the table [guardrails] of the settings file" in refusal()


def test_the_mode_and_the_kill_switch_come_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (load_settings().mode, load_settings().kill) == (None, 0)
    monkeypatch.setenv("PAYOPS_MODE", "shadow")
    monkeypatch.setenv("PAYOPS_KILL", "1")
    assert (load_settings().mode, load_settings().kill) == (Mode.SHADOW, 1)


def test_secrets_are_no_settings_and_never_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYOPS_AUDIT_KEY", "hunter2")
    monkeypatch.setenv("PAYOPS_ACTUATOR_SECRET", "hunter2")
    assert "hunter2" not in repr(load_settings())
