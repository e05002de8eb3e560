import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from payments.money import Money


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [
        (123456789, "EUR", "1,234,567.89 EUR"),
        (5, "INR", "0.05 INR"),
        (-5, "USD", "-0.05 USD"),
        (1500, "JPY", "1,500 JPY"),
        (1234, "KWD", "1.234 KWD"),
        (10**30, "USD", "10,000,000,000,000,000,000,000,000,000.00 USD"),
    ],
)
def test_money_is_written_with_the_decimals_of_its_currency(minor: int, currency: str, words: str) -> None:
    assert str(Money(minor=minor, currency=currency)) == words


@given(st.integers(), st.sampled_from(("EUR", "JPY", "BHD")))
def test_no_minor_unit_is_lost_in_writing_or_in_json(minor: int, currency: str) -> None:
    money = Money(minor=minor, currency=currency)
    digits = "".join(letter for letter in str(money) if letter.isdigit() or letter == "-")
    assert int(digits) == minor
    assert Money.model_validate_json(money.model_dump_json()) == money


@pytest.mark.parametrize("currency", ["eur", "EURO", "", "E1R"])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    with pytest.raises(ValidationError):
        Money(minor=1, currency=currency)
