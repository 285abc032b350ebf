"""What is kept of a message opens no account."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from core.notices.inbox import record_inbound, redact

PHONE = "+254700000001"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("123456", "******"),
        ("my pin is 4826 ok", "my pin is **** ok"),
        ("1 2 3 4", "* * * *"),
        ("123-456", "***-***"),
        ("123  456", "***  ***"),
        ("48   26", "**   **"),
        ("1 - 2 - 3 - 4", "* - * - * - *"),
        ("7 3 1 - - - 9 0 4", "* * * - - - * * *"),
        ("\u2074\u2078\u00b2\u2076", "****"),
        ("PIN4826", "PIN****"),
        ("\u0664\u0668\u0662\u0666", "****"),
        ("BET 112 YES 100", "BET 112 YES 100"),
        ("BAL", "BAL"),
        ("", ""),
    ],
)
def test_four_digits_and_more_are_masked(written: str, kept: str) -> None:
    assert redact(written) == kept


@given(st.text(), st.from_regex(r"[0-9]{4,8}", fullmatch=True), st.text())
def test_no_secret_survives_whatever_stands_around_it(before: str, secret: str, after: str) -> None:
    assert secret not in redact(f"{before}{secret}{after}")


def test_a_message_is_kept_once(database: Engine) -> None:
    with database.begin() as connection:
        assert record_inbound(connection, provider_id="a", phone=PHONE, body="BAL")
        assert not record_inbound(connection, provider_id="a", phone=PHONE, body="BAL")
        assert record_inbound(connection, provider_id="b", phone=PHONE, body="BAL")
