import pytest

from memory.index_places import Served
from payments.errors import SettingsError


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("http://127.0.0.1:8123", "127.0.0.1", 8123, False),
        ("http://chroma.internal", "chroma.internal", 8000, False),
        ("https://chroma.internal/", "chroma.internal", 443, True),
        ("http://[::1]:9", "::1", 9, False),
    ],
)
def test_an_address_is_read(url: str, host: str, port: int, tls: bool) -> None:
    place = Served.at(url, "lessons")
    assert (place.host, place.port, place.tls) == (host, port, tls)


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:8000", "ftp://h:1", "http://", "http://h:99999", "http://h:x", "http://h/path",
     "http://user:word@h:1", "http://[::1"],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(SettingsError, match="must be an address such as") as refused:
        Served.at(url, "lessons")
    assert "word" not in str(refused.value)


def test_the_token_is_never_shown() -> None:
    assert "secret" not in repr(Served.at("http://h:1", "lessons", "secret"))
