"""Asking to hear of a market, and no more."""

from datetime import timedelta

from core.database import now
from core.markets.create_market import create_market
from core.markets.rules import Outcome, PayoutRule
from core.text import Language
from core.watchers.rules import MOST_WATCHED
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.test_races import at_once
from tests.sms.watching import OTHER, Watching
from tests.world import World


def test_unwatch_ends_one_or_all(watching: Watching) -> None:
    exchange, market = watching.exchange, watching.market
    second = exchange.world.has_market("Will it rain?")
    for number in (market, second):
        exchange.asks(f"WATCH {number}")
    assert exchange.asks(f"UNWATCH {market}") == f"You watch market {market} no more."
    assert exchange.asks(f"UNWATCH {market}").startswith("You do not watch that market.")
    watching.price_goes_to(90)
    assert watching.hears() == []
    assert exchange.asks("acha kufuata") == "You watch no market any more."
    assert exchange.world.count("market_watch WHERE ended_at IS NULL") == 0
    assert "YES 9" in exchange.asks(f"WATCH {market}"), "and again from where it is now"
    assert watching.hears() == []


def test_stop_with_the_number_of_a_watched_market_ends_that_and_leaves_the_news(
    watching: Watching,
) -> None:
    exchange, market = watching.exchange, watching.market
    exchange.asks(f"WATCH {market}")
    assert exchange.asks(f"STOP {market}") == f"You watch market {market} no more."
    second = exchange.world.has_market("Will it rain?")
    exchange.asks(f"WATCH {second}")
    assert "no more news" in exchange.asks("STOP 20300"), "no market of theirs, so it is a STOP"
    assert exchange.asks(f"WATCH {market}").startswith("You have stopped news.")


def test_the_words_of_a_repeat_are_the_same(watching: Watching) -> None:
    first = watching.exchange.asks(f"WATCH {watching.market}")
    assert watching.exchange.asks(f"watch#{watching.market}") == first
    assert watching.exchange.world.count("market_watch") == 1


def test_in_swahili(watching: Watching) -> None:
    exchange, market = watching.exchange, watching.market
    exchange.world.has_player(OTHER, language=Language.SWAHILI)
    assert exchange.asks(f"FUATA {market}", phone=OTHER) == (
        f"Unafuata {market} Gor Mahia win: NDIYO 50%. Tutakujulisha ikipita asilimia 20, 40, 60 au"
        f" 80, na matokeo. Kuacha, tuma ACHA KUFUATA {market}."
    )
    watching.price_goes_to(85)
    [told] = watching.hears(OTHER)
    assert told == (
        f"Soko {market} Gor Mahia win: NDIYO imepanda, sasa 85%. Kusimamisha SMS hizi, tuma ACHA"
        f" KUFUATA {market}."
    )
    assert watching.hears() == [], "who did not ask"
    assert exchange.asks(f"ACHA KUFUATA {market}", phone=OTHER) == (
        f"Umeacha kufuata soko {market}."
    )


def test_what_cannot_be_watched_is_answered_with_the_reason(watching: Watching) -> None:
    exchange, market = watching.exchange, watching.market
    no_such = "There is no such market. Send MARKETS for the list."
    assert exchange.asks("WATCH 4826") == no_such
    assert exchange.asks("WATCH 99999999999") == no_such
    assert exchange.asks(f"WATCH {drafts(exchange.world)}") == no_such
    assert exchange.asks("WATCH") == "Write the market's number too, like WATCH 112."
    exchange.asks("STOP")
    assert exchange.asks(f"WATCH {market}") == (
        f"You have stopped news. Send START, then WATCH {market}."
    )
    exchange.asks("START")
    Bookmaker(exchange.world).closes(market)
    assert exchange.asks(f"WATCH {market}") == (
        f"Market {market} is closed: its price moves no more."
    )
    exchange.world.has_player(OTHER, verified=False)
    assert "Verify your number" in exchange.asks(f"WATCH {market}", phone=OTHER)
    assert exchange.world.count("market_watch") == 0


def test_ten_markets_may_be_watched_and_one_that_is_over_does_not_count(
    watching: Watching,
) -> None:
    exchange = watching.exchange
    exchange.asks(f"WATCH {watching.market}")
    numbers = [exchange.world.has_market() for _ in range(MOST_WATCHED)]
    for number in numbers[:-1]:
        assert exchange.asks(f"WATCH {number}").startswith(f"You watch {number} ")
    refused = "You watch 10 markets already. Send UNWATCH 112 to end one."
    assert exchange.asks(f"WATCH {numbers[-1]}") == refused
    Bookmaker(exchange.world).ends(watching.market, Outcome.YES)
    assert len(watching.hears()) == 1
    assert exchange.asks(f"WATCH {numbers[-1]}").startswith(f"You watch {numbers[-1]} ")


def test_one_message_five_times_at_once_is_one_watch_and_one_answer(watching: Watching) -> None:
    exchange = watching.exchange
    words = f"WATCH {watching.market}"
    at_once(*[lambda: exchange.writes(words, provider_id="same")] * 5)
    assert exchange.world.count("market_watch") == 1
    assert len(exchange.queued()) == 1


def drafts(world: World) -> int:
    """A market that nobody has approved yet."""
    with world.database.begin() as connection:
        draft = create_market(
            connection,
            question="Will it rain in Kisumu?",
            label=None,
            category=None,
            closes_at=now(connection) + timedelta(days=1),
            fee_bps=1_000,
            payout_rule=PayoutRule.PRO_RATA,
            by=Bookmaker(world).asha,
        )
    return draft.id
