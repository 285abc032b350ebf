"""Disputing a result by SMS."""

from datetime import timedelta

import pytest

from core.markets.jobs import jobs
from core.markets.rules import Outcome, Ruling, Side
from core.money import kes
from core.outbox.deliver import Worker
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.life import rules, third_admin, works
from tests.sms.exchange import PHONE, Exchange

HEARD = (
    "You dispute the result of market 101. Nothing is paid before a third person has ruled. We"
    " will tell you by SMS."
)


@pytest.fixture
def proposed(exchange: Exchange) -> int:
    world = exchange.world
    bookmaker = Bookmaker(world)
    world.has_player(PHONE, balance=kes(500))
    market_id = world.has_market(label="Gor Mahia wins")
    bookmaker.bets(PHONE, market_id, Side.NO, 100)
    bookmaker.closes(market_id)
    bookmaker.proposes(market_id, Outcome.YES, window=timedelta(hours=1))
    return market_id


@pytest.mark.parametrize(
    "spelling",
    [
        "DISPUTE {0}",
        "dispute {0}",
        " Dispute  #{0}",
        "DISPUTE*{0}#",
        "#dispute#{0}#",
        "DISPUTE{0}",
        "Dispute market {0}, the referee lied",
        "PINGA {0}",
        "pinga soko {0}.",
    ],
)
def test_a_player_who_bet_disputes_however_it_is_written(
    exchange: Exchange, proposed: int, spelling: str
) -> None:
    assert exchange.asks(spelling.format(proposed)) == HEARD
    assert exchange.world.count("dispute") == 1


def test_again_is_the_same_and_one_message_five_times_is_one(
    exchange: Exchange, proposed: int
) -> None:
    for _copy in range(5):
        exchange.writes(f"DISPUTE {proposed}", provider_id="same")
    assert exchange.asks(f"PINGA {proposed}") == HEARD
    assert exchange.world.count("dispute") == 1


def test_after_the_ruling_the_same_proposal_is_not_disputed_again(
    exchange: Exchange, proposed: int
) -> None:
    exchange.asks(f"DISPUTE {proposed}")
    rules(exchange.world, proposed, Ruling.DISMISSED, by=third_admin(exchange.world))
    assert exchange.asks(f"DISPUTE {proposed}") == (
        f"A third person has ruled on your dispute of market {proposed}: the result stays. A"
        " proposed result can be disputed once."
    )


def test_the_answer_to_the_sms_is_the_word_it_names(exchange: Exchange, proposed: int) -> None:
    works(Worker(exchange.world.database, jobs(database=exchange.world.database)))
    [told] = [body for body in exchange.queued() if "proposed" in body]
    word = told.split("Reply ")[1].split(" by ")[0]
    assert word == f"DISPUTE {proposed}"
    assert exchange.asks(word) == HEARD


@pytest.mark.parametrize(
    ("written", "answered"),
    [
        ("DISPUTE", "Write the market's number too, like DISPUTE 112."),
        ("DISPUTE 999", "There is no such market. Send MARKETS for the list."),
        ("DISPUTE 999999999999", "There is no such market. Send MARKETS for the list."),
        ("DISPUTE 102", "You have no bet in market 102, so you cannot dispute it."),
        ("DISPUT 101", "Did you mean DISPUTE 101?"),
        ("DISPUTED 101", "Did you mean DISPUTE 101?"),
    ],
)
def test_what_cannot_be_disputed_is_answered_with_the_reason(
    exchange: Exchange, proposed: int, written: str, answered: str
) -> None:
    assert proposed == 101
    exchange.world.has_market()
    assert answered in exchange.asks(written)
    assert exchange.world.count("dispute") == 0


def test_when_the_window_is_over_it_is_too_late(exchange: Exchange, proposed: int) -> None:
    exchange.world.moves(hours=1)
    assert exchange.asks(f"DISPUTE {proposed}") == (
        f"Market {proposed} has no result that can be disputed now."
    )


def test_a_number_without_an_account_disputes_nothing(exchange: Exchange, proposed: int) -> None:
    answer = exchange.asks(f"DISPUTE {proposed}", phone="+254799999999")
    assert answer.startswith("This number has no Kibeezy account.")
    assert exchange.world.count("dispute") == 0


def test_the_sms_of_a_correction_says_that_it_is_one(exchange: Exchange, proposed: int) -> None:
    world = exchange.world
    bookmaker = Bookmaker(world)
    world.moves(hours=1)
    bookmaker.resolves(proposed)
    bookmaker.pays(proposed)
    bookmaker.corrects(proposed, Outcome.NO, window=timedelta(hours=1))
    works(Worker(world.database, jobs(database=world.database)))
    [told] = [body for body in exchange.queued() if "correction" in body]
    assert told.startswith(
        f"Market {proposed} Gor Mahia wins: correction to NO proposed. Not agreed"
    )
