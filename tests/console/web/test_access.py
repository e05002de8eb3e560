"""Who comes in, by which way, and what nobody gets past."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from console.settings import Settings
from console.web.access.entrance import COOKIE, Entrance, LocalEntrance, ProxyEntrance, Seals, TokenEntrance
from console.web.access.rate import FAILURES_AT_MOST, Failures
from console.web.access.sessions import LASTS, Sessions
from console.web.access.tokens import TokenFile
from console.web.app import create_app
from console.web.serving import Place, entrance_of, hosts_of
from console.web.site import Site, templates
from guardrails.kill_switch import FILE_NAME
from payments.errors import SettingsError

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOST = "http://127.0.0.1:8765"


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def line(name: str, role: str, token: str) -> str:
    return f"{name}:{role}:{sha256(token.encode()).hexdigest()}\n"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(tmp_path: Path) -> TokenFile:
    path = tmp_path / "tokens"
    path.write_text(
        "# who\n" + line("asha", "approver", "token of asha") + line("vik", "viewer", "token of vik")
    )
    return TokenFile(path)


@pytest.fixture
def entrance(tokens: TokenFile, clock: Clock) -> TokenEntrance:
    numbers = count()
    return TokenEntrance(tokens, Sessions(clock, lambda: f"secret-{next(numbers)}"), Failures(clock))


def console(entrance: Entrance, state_dir: Path) -> FastAPI:
    settings = Settings(state_dir=state_dir)
    return create_app(Site(settings, entrance, Seals(b"key"), lambda: START, templates()), ("127.0.0.1",))


@pytest.fixture
def browser(entrance: TokenEntrance, state_dir: Path) -> Iterator[TestClient]:
    with TestClient(console(entrance, state_dir), base_url=HOST, follow_redirects=False) as client:
        yield client


@pytest.fixture
def local(state_dir: Path) -> Iterator[TestClient]:
    with TestClient(
        console(LocalEntrance("root"), state_dir), base_url=HOST, follow_redirects=False
    ) as client:
        yield client


def seal_in(text: str) -> str:
    return text.split('name="csrf" value="')[1].split('"', maxsplit=1)[0]


def sign_in(browser: TestClient, name: str = "asha") -> None:
    assert browser.post("/sign-in", data={"token": f"token of {name}"}).status_code == 303


def test_who_is_not_signed_in_is_asked_to_and_comes_back_to_the_page(browser: TestClient) -> None:
    answer = browser.get("/?span=long")
    assert answer.headers["location"] == "/sign-in?then=%2F%3Fspan%3Dlong"
    done = browser.post("/sign-in", data={"token": "token of asha", "then": "/?span=long"})
    assert (done.status_code, done.headers["location"]) == (303, "/?span=long")
    assert "asha · approver" in browser.get("/").text


@pytest.mark.parametrize(
    "then", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "/a\nb"]
)
def test_signing_in_leads_to_no_other_site(browser: TestClient, then: str) -> None:
    done = browser.post("/sign-in", data={"token": "token of asha", "then": then})
    assert done.headers["location"] == "/"


def test_a_wrong_token_opens_nothing_and_is_not_repeated(browser: TestClient) -> None:
    answer = browser.post("/sign-in", data={"token": "<guess>"})
    assert (answer.status_code, COOKIE in answer.cookies) == (401, False)
    assert "guess" not in answer.text


def test_too_many_wrong_tokens_close_the_door_for_a_minute_even_to_the_right_one(
    browser: TestClient, clock: Clock
) -> None:
    for _ in range(FAILURES_AT_MOST):
        assert browser.post("/sign-in", data={"token": "wrong"}).status_code == 401
    answer = browser.post("/sign-in", data={"token": "token of asha"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "61")
    clock.now += timedelta(seconds=61)
    sign_in(browser)


def test_the_cookie_is_kept_from_scripts_and_other_sites_and_is_not_the_token(browser: TestClient) -> None:
    answer = browser.post("/sign-in", data={"token": "token of asha"})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "asha" not in cookie


def test_a_session_ends_with_its_shift(browser: TestClient, clock: Clock) -> None:
    sign_in(browser)
    clock.now += LASTS
    assert browser.get("/").status_code == 303


def test_a_line_taken_out_of_the_file_ends_the_session(browser: TestClient, tokens: TokenFile) -> None:
    sign_in(browser)
    tokens.path.write_text(line("vik", "viewer", "token of vik"))
    assert browser.get("/").status_code == 303


def test_signing_out_ends_the_session_for_whoever_kept_the_cookie(browser: TestClient) -> None:
    sign_in(browser)
    kept = browser.cookies[COOKIE]
    seal = seal_in(browser.get("/").text)
    assert browser.post("/sign-out", data={"csrf": seal}).status_code == 303
    browser.cookies.set(COOKIE, kept)
    assert browser.get("/").status_code == 303


def test_a_link_from_another_site_finds_the_session(browser: TestClient) -> None:
    answer = browser.get("/incidents", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 200
    assert 'http-equiv="refresh"' in answer.text


def test_a_form_without_the_seal_of_this_session_changes_nothing(
    browser: TestClient, state_dir: Path
) -> None:
    sign_in(browser)
    for form in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "é"}):
        assert browser.post("/kill-switch", data={"state": "on", **form}).status_code == 403
    assert not (state_dir / "KILL").exists()


def test_a_form_that_another_site_sends_is_refused_even_with_a_seal(
    local: TestClient, state_dir: Path
) -> None:
    form = {"state": "on", "csrf": seal_in(local.get("/").text)}
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        assert local.post("/kill-switch", data=form, headers=headers).status_code == 403
    assert not (state_dir / "KILL").exists()
    assert local.post("/kill-switch", data=form, headers={"origin": HOST}).status_code == 303
    assert (state_dir / "KILL").exists()


def test_the_kill_switch_is_turned_by_an_administrator_only_and_goes_on_record(
    browser: TestClient, local: TestClient, state_dir: Path
) -> None:
    sign_in(browser)
    refused = browser.post(
        "/kill-switch", data={"state": "on", "csrf": Seals(b"key").seal("session:secret-0")}
    )
    assert (refused.status_code, "needs the role admin" in refused.text) == (403, True)
    form = {"csrf": seal_in(local.get("/").text), "note": "the bank asks for calm"}
    assert local.post("/kill-switch", data={**form, "state": "on"}).status_code == 303
    assert "Kill switch ON" in local.get("/").text
    assert local.post("/kill-switch", data={**form, "state": "off"}).status_code == 303
    assert not (state_dir / "KILL").exists()
    audit = (state_dir / "audit.jsonl").read_text()
    assert audit.count("the bank asks for calm") == 2


def test_a_switch_that_cannot_be_turned_is_told_in_a_sentence(local: TestClient, state_dir: Path) -> None:
    seal = seal_in(local.get("/incidents").text)
    (state_dir / FILE_NAME).mkdir()
    answer = local.post("/kill-switch", data={"csrf": seal, "state": "off"})
    assert answer.status_code == 500
    assert "The system refuses a file: " in answer.text


def test_a_viewer_may_not_decide(browser: TestClient) -> None:
    sign_in(browser, "vik")
    seal = Seals(b"key").seal("session:secret-0")
    answer = browser.post("/incidents/abcd/decide", data={"csrf": seal, "type": "approve", "question": "1"})
    assert (answer.status_code, "needs the role approver" in answer.text) == (403, True)


@pytest.mark.parametrize("path", ["/kill-switch", "/sign-out"])
def test_nothing_changes_by_following_a_link(local: TestClient, path: str, state_dir: Path) -> None:
    assert local.get(path, params={"state": "on"}).headers["location"] == "/"
    assert not (state_dir / "KILL").exists()


def test_a_name_that_is_not_the_consoles_is_turned_away(local: TestClient) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "", "127.0.0.1:8765:1"):
        assert local.get("/", headers={"host": host}).status_code == 421
    assert local.get("/", headers={"host": "127.0.0.1"}).status_code == 200


def test_a_form_larger_than_the_limit_or_of_no_told_size_is_not_read(browser: TestClient) -> None:
    assert browser.post("/sign-in", data={"token": "x" * 70_000}).status_code == 413
    assert browser.post("/sign-in", content=iter([b"token=", b"x"])).status_code == 413


def test_every_answer_forbids_foreign_and_inline_scripts_and_frames(browser: TestClient) -> None:
    for path in ("/sign-in", "/", "/static/base.js", "/nowhere"):
        policy = browser.get(path).headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


def test_only_the_proxys_own_address_is_believed(state_dir: Path) -> None:
    said = {"x-forwarded-user": "asha", "x-forwarded-groups": "staff, payops-viewer, payops-admin"}
    for address, status in (("10.0.0.9", 200), ("10.0.0.8", 403)):
        app = console(ProxyEntrance("10.0.0.9"), state_dir)
        with TestClient(app, base_url=HOST, client=(address, 5000)) as client:
            answer = client.get("/", headers=said)
            assert answer.status_code == status
            assert ("asha · admin" in answer.text) == (status == 200)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-forwarded-user": "asha"},
        {"x-forwarded-user": "asha", "x-forwarded-groups": "payops-owner"},
        {"x-forwarded-user": "", "x-forwarded-groups": "payops-admin"},
    ],
)
def test_whom_the_proxy_does_not_name_with_a_role_is_nobody(state_dir: Path, headers: dict[str, str]) -> None:
    app = console(ProxyEntrance("10.0.0.9"), state_dir)
    with TestClient(app, base_url=HOST, client=("10.0.0.9", 5000)) as client:
        assert client.get("/", headers=headers).status_code == 403


@pytest.mark.parametrize("header", ["x-forwarded-user", "x-forwarded-groups"])
def test_a_header_that_came_twice_is_not_believed(state_dir: Path, header: str) -> None:
    said = [("x-forwarded-user", "asha"), ("x-forwarded-groups", "payops-admin"), (header, "payops-admin")]
    app = console(ProxyEntrance("10.0.0.9"), state_dir)
    with TestClient(app, base_url=HOST, client=("10.0.0.9", 5000)) as client:
        assert client.get("/", headers=said).status_code == 403


def test_while_the_file_of_tokens_is_broken_nobody_comes_in_and_only_the_output_says_why(
    browser: TestClient, tokens: TokenFile, capsys: pytest.CaptureFixture[str]
) -> None:
    sign_in(browser)
    tokens.path.write_text("nonsense\n")
    answer = browser.get("/")
    assert (answer.status_code, str(tokens.path) in answer.text) == (503, False)
    assert str(tokens.path) in capsys.readouterr().err


@pytest.mark.parametrize(("origin", "secure"), [(HOST, False), (HOST.replace("http:", "https:"), True)])
def test_a_cookie_that_came_by_tls_stays_with_tls(browser: TestClient, origin: str, secure: bool) -> None:
    answer = browser.post("/sign-in", data={"token": "token of asha"}, headers={"origin": origin})
    assert ("Secure" in answer.headers["set-cookie"]) == secure


@pytest.mark.parametrize("origin", ["null", "http://[x", "ftp://127.0.0.1:8765", "http://127.0.0.1:8766"])
def test_a_form_from_elsewhere_is_refused_whatever_elsewhere_is_called(
    browser: TestClient, origin: str
) -> None:
    answer = browser.post("/sign-in", data={"token": "token of asha"}, headers={"origin": origin})
    assert answer.status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_may_link_to_a_page_but_not_load_it_into_its_own(local: TestClient, site: str) -> None:
    for mode, status in (("navigate", 200), ("no-cors", 403), ("cors", 403)):
        headers = {"sec-fetch-site": site, "sec-fetch-mode": mode}
        assert local.get("/", headers=headers).status_code == status


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "payops.example"])  # noqa: S104 - refused
def test_beyond_loopback_the_console_does_not_start_without_a_way_to_sign_in(
    host: str, tokens: TokenFile
) -> None:
    with pytest.raises(SettingsError, match="would be open"):
        entrance_of(Settings(), Place(host, 8765))
    guarded = Settings(console_tokens_file=tokens.path)
    assert isinstance(entrance_of(guarded, Place(host, 8765)), TokenEntrance)


def test_on_loopback_the_user_of_the_machine_is_the_administrator() -> None:
    assert isinstance(entrance_of(Settings(), Place("::1", 8765)), LocalEntrance)


def test_two_ways_in_are_refused(tokens: TokenFile) -> None:
    both = Settings(console_tokens_file=tokens.path, console_proxy="10.0.0.9")
    with pytest.raises(SettingsError, match="one of CONSOLE_TOKENS_FILE and CONSOLE_PROXY"):
        entrance_of(both, Place("127.0.0.1", 8765))


def test_a_proxy_is_named_by_its_address() -> None:
    with pytest.raises(SettingsError, match="IP address"):
        entrance_of(Settings(console_proxy="proxy.example"), Place("127.0.0.1", 8765))


def test_names_of_ones_own_are_answered_to() -> None:
    settings = Settings(console_hosts="payops.example, Console.Example")
    assert {"payops.example", "console.example", "[::1]"} <= {*hosts_of(settings, Place("::1", 8765))}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "asha:approver\n",
        "asha:owner:" + "0" * 64 + "\n",
        "a:admin:secret-in-clear\n",
        line("a", "admin", "x") * 2,
        line("a", "admin", ""),
    ],
)
def test_a_file_of_tokens_that_says_nothing_clear_is_refused_without_repeating_it(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "tokens"
    path.write_text(text)
    with pytest.raises(SettingsError) as refused:
        TokenFile(path).people()
    assert "secret-in-clear" not in str(refused.value)


def test_a_file_of_tokens_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        TokenFile(tmp_path / "none").people()
