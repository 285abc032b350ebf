"""What a search means, however it is typed."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.inquiries.records import Place
from core.inquiries.search_words import read_search
from core.money import kes

# 01:00 on the 2nd of January in Nairobi.
NOW = datetime(2027, 1, 1, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["0712345678", "+254 712-345 678", "712345678", "254712345678"])
def test_a_phone(typed: str) -> None:
    found = read_search(typed, now=NOW)
    assert found is not None
    assert found.phone == "+254712345678"


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("500", None),
        ("KES 500", None),
        ("Ksh500 today", date(2027, 1, 2)),
        ("500 yesterday", date(2027, 1, 1)),
        ("500 on 2026-12-31", date(2026, 12, 31)),
        ("500 31/12/26", date(2026, 12, 31)),
        ("500 31/12", date(2026, 12, 31)),
        ("500 2 Jan", date(2027, 1, 2)),
        ("500 3 January", date(2026, 1, 3)),
    ],
)
def test_an_amount_with_its_day(typed: str, day: date | None) -> None:
    found = read_search(typed, now=NOW)
    assert found is not None
    assert (found.amount, found.day) == (kes(500), day)


@pytest.mark.parametrize("typed", ["", "help!", "500 on doomsday", "500 30/2", "?"])
def test_what_is_none(typed: str) -> None:
    assert read_search(typed, now=NOW) is None


def test_receipts_and_references_out_of_an_sms() -> None:
    sms = "SGR7ABC123 Confirmed. Ksh500.00 sent to KIBEEZY for account 0712345678. Ref 7K3QXM."
    found = read_search(sms, now=NOW)
    assert found is not None
    assert "SGR7ABC123" in found.receipts
    without_digits = read_search(sms.replace("SGR7ABC123", "UKQAIMVFLC"), now=NOW)
    assert without_digits is not None
    assert "UKQAIMVFLC" in without_digits.receipts
    assert "7K3QXM" in found.references
    assert "CONFIRMED" not in found.receipts
    assert "0712345678" not in found.receipts


@given(st.text(max_size=600))
def test_no_text_breaks_it(text: str) -> None:
    read_search(text, now=NOW)
    Place.read(text)


def test_a_place_in_a_list_is_read_as_it_was_written() -> None:
    place = Place(datetime(2026, 11, 26, 11, 5, 9, 123456, tzinfo=UTC), 2, 7)
    assert Place.read(str(place)) == place
    assert Place.read("99999999999999999-0-1") is not None
    assert Place.read("999999999999999999-0-1") is None
