"""Addresses of sources, what is told of those that are none, and why a source does not answer."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.errors import InputError
from tools.sources.address import Address, is_address, parse_address
from tools.sources.trouble import down


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("chdb", Address("chdb")),
        ("push", Address("push")),
        ("push://127.0.0.1:9000", Address("push", "127.0.0.1", 9000, options={})),
        ("chdb:///var/lib/payops", Address("chdb", path="/var/lib/payops", options={})),
        ("clickhouse://me@db:8123/shop", Address("clickhouse", "db", 8123, "me", "shop", {})),
        (
            "postgresql://a%40b@db/x?sslmode=require",
            Address("postgresql", "db", None, "a@b", "x", {"sslmode": "require"}),
        ),
    ],
)
def test_addresses_are_read(text: str, address: Address) -> None:
    assert is_address(text)
    assert parse_address(text) == address


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kafka://broker/topic", "unknown scheme 'kafka'"),
        ("postgresql://me:secret@db/x", "set PAYOPS_SOURCE_PASSWORD"),
        ("postgresql:///x", "names no host"),
        ("clickhouse://db:port/x", "is no address"),
        ("clickhouse://db:99999/x", "is no address"),
    ],
)
def test_what_is_no_address_is_told_without_the_password(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        parse_address(text)
    assert "secret" not in str(caught.value)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader_of_addresses(text: str) -> None:
    with suppress(InputError):
        assert parse_address(f"postgresql://{text}").host


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('FATAL:  password authentication failed for user "x"', "refuses the user or the password"),
        ("Code: 516. DB::Exception: x: Authentication failed", "refuses the user or the password"),
        ("permission denied for table payments", "lets this user not read it"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "fails in TLS"),
        ("[Errno -2] Name or service not known", "has a name that nobody knows"),
        ("canceling statement due to statement timeout", "takes too long to answer"),
        ("timed out", "takes too long to answer"),
        ("[Errno 111] Connection refused", "cannot be reached: check host and port"),
        ("Server disconnected without sending a response.", "cannot be reached: check host and port"),
        ("", "gives no usable answer: RuntimeError"),
    ],
)
def test_every_trouble_is_one_sentence_that_says_what_to_fix(said: str, words: str) -> None:
    sentence = str(down("The source", RuntimeError(said)))
    assert sentence.startswith(f"The source {words}")
    assert sentence.endswith(".")
    assert "\n" not in sentence
