"""A bet that was on its way for long is not placed; the provider says when it was written."""

from datetime import timedelta

import pytest

from core.money import kes
from tests.sms.exchange import Exchange


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"])
def test_a_bet_that_was_long_on_its_way_is_not_placed(exchange: Exchange, form: str) -> None:
    exchange.world.has_player(balance=kes(500))
    words = f"BET {exchange.world.has_market()} YES 100"
    for ago in (timedelta(minutes=11), timedelta(hours=12)):
        assert exchange.asks(words, date=exchange.date(ago=ago, form=form)) == (
            "Your bet came more than 10 minutes after you wrote it. No money was taken. Send it"
            " again if you still want it."
        )
    placed = exchange.asks(words, date=exchange.date(ago=timedelta(minutes=9), form=form))
    assert placed.startswith("Bet placed: KES 100 YES")


@pytest.mark.parametrize(
    "date", ["", "x", "2026-13-45 99:00:00", "2006-01-02 15:04:05", "2999-12-31T23:59:59Z"]
)
def test_a_date_that_cannot_be_true_says_nothing(exchange: Exchange, date: str) -> None:
    exchange.world.has_player(balance=kes(500))
    assert "came more than" not in exchange.asks(
        f"BET {exchange.world.has_market()} YES 100", date=date
    )


@pytest.mark.parametrize("date", ["2017-05-03T06:04:45Z", "2017-05-03 06:04:45"])
def test_both_ways_to_write_a_date_are_kept_as_one(exchange: Exchange, date: str) -> None:
    exchange.writes("BAL", date=date)
    assert exchange.world.count("sms_in WHERE written_at = '2017-05-03 06:04:45+00'") == 1


def test_what_moves_no_money_is_answered_however_late_it_comes(exchange: Exchange) -> None:
    exchange.world.has_player(balance=kes(500))
    late = exchange.date(ago=timedelta(hours=3))
    assert exchange.asks("BAL", date=late).startswith("Balance KES 500.")
