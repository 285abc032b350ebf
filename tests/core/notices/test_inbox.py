"""What is kept of a message opens no account."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from core.notices.inbox import ANSWERS_PER_HOUR, may_be_answered, record_inbound, redact
from tests.world import World

PHONE = "+254700000001"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("123456", "******"),
        ("my pin is 4826 ok", "my pin is **** ok"),
        ("1 2 3 4", "* * * *"),
        ("123-456", "***-***"),
        ("123  456", "***  ***"),
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


def test_a_number_that_writes_too_often_is_answered_again_in_an_hour(world: World) -> None:
    def write(number: int) -> bool:
        with world.database.begin() as connection:
            record_inbound(connection, provider_id=f"id-{number}", phone=PHONE, body="BAL")
            return may_be_answered(connection, phone=PHONE)

    assert all(write(number) for number in range(ANSWERS_PER_HOUR))
    assert not write(100)
    with world.database.begin() as connection:
        assert may_be_answered(connection, phone="+254700000002")
    world.moves(hours=1, seconds=timedelta(seconds=1).total_seconds())
    assert write(101)
