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


def test_a_bet_that_was_written_again_meanwhile_is_placed_once(exchange: Exchange) -> None:
    """Written at noon; again at 12:03, and placed at once; the first arrives at 12:09."""
    exchange.world.has_player(balance=kes(500))
    words = f"BET {exchange.world.has_market()} YES 100"
    first = exchange.date()
    exchange.world.moves(minutes=3)
    placed = exchange.asks(words)
    exchange.world.moves(minutes=6)
    reference = placed.split("CANCEL ")[1].split()[0]
    assert exchange.asks(words, date=first).startswith(
        f"You placed this bet a moment ago: Ref {reference}. No money was taken again."
    )
    assert exchange.asks(words).startswith("Bet placed"), "who writes it now wants it once more"


def test_a_delay_does_not_make_twins_of_two_wishes(exchange: Exchange) -> None:
    """Placed at noon; written once more at 12:03; that one arrives at 12:11."""
    exchange.world.has_player(balance=kes(500))
    words = f"BET {exchange.world.has_market()} YES 100"
    assert exchange.asks(words).startswith("Bet placed")
    exchange.world.moves(minutes=3)
    second = exchange.date()
    exchange.world.moves(minutes=8)
    assert exchange.asks(words, date=second).startswith("Bet placed")


@pytest.mark.parametrize("date", ["", "2006-01-02 15:04:05", "2999-12-31T23:59:59Z"])
def test_without_a_date_to_believe_a_repeat_is_one_of_the_last_two_minutes(
    exchange: Exchange, date: str
) -> None:
    exchange.world.has_player(balance=kes(500))
    words = f"BET {exchange.world.has_market()} YES 100"
    assert exchange.asks(words).startswith("Bet placed")
    assert exchange.asks(words, date=date).startswith("You placed this bet a moment ago")
    exchange.world.moves(minutes=2, seconds=1)
    assert exchange.asks(words, date=date).startswith("Bet placed")


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
