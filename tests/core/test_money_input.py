import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import kes
from core.money_input import NotAnAmount, parse_whole_shillings


@pytest.mark.parametrize(
    ("typed", "shillings"),
    [
        ("200", 200),
        (" 200 ", 200),
        ("1,000", 1000),
        ("1,234,567", 1_234_567),
        ("KES 200", 200),
        ("kes1,000", 1000),
        ("999999999", 999_999_999),
    ],
)
def test_amounts_as_people_type_them(typed: str, shillings: int) -> None:
    assert parse_whole_shillings(typed) == kes(shillings)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "lots", "0", "00", "007", "-5", "+5", "1.5", "1e3", "1,00", "1 000", "KES"),
        *("\u0661\u0662", "\uff12\uff10", "1000000000", "0712345678", "20*30", "200\x00"),
    ],
)
def test_what_is_no_amount(typed: str) -> None:
    with pytest.raises(NotAnAmount):
        parse_whole_shillings(typed)


@given(st.integers(1, 999_999_999))
def test_every_amount_is_read_as_it_is_shown(shillings: int) -> None:
    assert parse_whole_shillings(str(kes(shillings))) == kes(shillings)
