"""What comes to a phone that watches a market."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

from sqlalchemy import func

from core.database import in_transaction, now
from core.markets.market import get_pool
from core.markets.rules import Outcome, Ruling, Side
from core.money import kes
from core.outbox.deliver import Worker
from core.players.records import player
from core.watchers import jobs as watcher_jobs
from core.watchers.rules import price_of
from core.watchers.tell_watchers import Chunk, tell_closed, tell_moved, tell_result
from core.watchers.watch_markets import watch_markets
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.life import disputes, rules, third_admin
from tests.sms.exchange import PHONE, Exchange
from tests.sms.watching import CROWD, RIVALS, Watching


def test_who_watches_is_told_when_the_price_crosses_a_step(watching: Watching) -> None:
    exchange, market = watching.exchange, watching.market
    assert exchange.asks(f"WATCH {market}") == (
        f"You watch {market} Gor Mahia win: YES 50%. We tell you at 20, 40, 60 and 80 percent, and"
        f" the result. Send UNWATCH {market} to end it."
    )
    watching.price_goes_to(59)
    assert watching.hears() == []
    ending = f"Send UNWATCH {market} to end these SMS."
    watching.price_goes_to(61)
    assert watching.hears() == [f"Market {market} Gor Mahia win: YES is up, now 61%. {ending}"]
    assert watching.hears() == [], "once"
    watching.price_goes_to(30)
    assert watching.hears() == [f"Market {market} Gor Mahia win: YES is down, now 30%. {ending}"], (
        "two steps at once are one SMS"
    )


def test_a_price_that_swings_about_an_edge_is_told_once(watching: Watching) -> None:
    watching.exchange.asks(f"WATCH {watching.market}")
    told = []
    for percent in (59, 61, 59, 61, 59):
        watching.price_goes_to(percent)
        told += watching.hears()
    assert len(told) == 1
    watching.price_goes_to(57)
    assert "down, now 5" in watching.hears()[0]


def test_a_day_brings_three_moves_and_the_next_day_what_is_left(watching: Watching) -> None:
    watching.exchange.asks(f"WATCH {watching.market}")
    told = []
    for percent in (65, 50, 65, 50, 65):
        watching.price_goes_to(percent)
        told.append(len(watching.hears()))
    assert told == [1, 1, 1, 0, 0]
    watching.price_goes_to(50)
    watching.exchange.world.moves(days=1)
    [left] = watching.hears()
    assert "YES is down, now" in left


def test_the_day_of_three_moves_begins_at_midnight_in_nairobi(watching: Watching) -> None:
    """Told without the worker's look, which tells nobody of a price at night."""
    world = watching.exchange.world
    watching.exchange.asks(f"WATCH {watching.market}")

    def told(percent: int) -> int:
        watching.price_goes_to(percent)
        found = Bookmaker(world).market(watching.market)
        with world.database.begin() as connection:
            price = price_of(get_pool(connection, market_id=watching.market))
            assert price is not None
            return tell_moved(connection, market=found, price=price).told

    world.comes_to(23, 50)
    assert [told(percent) for percent in (65, 50, 65, 50)] == [1, 1, 1, 0]
    world.comes_to(0, 10)
    assert [told(percent) for percent in (50, 65, 50)] == [1, 1, 1]
    world.comes_to(3, 10)
    assert told(65) == 0, "midnight in London begins no day"


def test_at_night_a_price_waits_and_in_the_morning_it_is_the_one_of_then(
    watching: Watching,
) -> None:
    watching.exchange.asks(f"WATCH {watching.market}")
    watching.exchange.world.moves(hours=11)
    watching.price_goes_to(65)
    assert watching.hears() == [], "it is nine in the evening"
    watching.price_goes_to(85)
    watching.exchange.world.moves(hours=10)
    [told] = watching.hears()
    assert "now 85%" in told


def test_without_two_sides_there_is_no_price_and_the_first_is_no_move(exchange: Exchange) -> None:
    world = exchange.world
    for phone in (PHONE, CROWD, RIVALS):
        world.has_player(phone, balance=kes(5_000))
    watching = Watching(exchange, world.has_market(closes_in=timedelta(days=9), label="Rain"))
    world.comes_to(12)
    assert exchange.asks(f"FUATA {watching.market}").startswith(
        f"You watch {watching.market} Rain. We tell you when YES passes"
    )
    bookmaker = Bookmaker(world)
    bookmaker.bets(CROWD, watching.market, Side.YES, 1_500)
    assert watching.hears() == []
    bookmaker.bets(RIVALS, watching.market, Side.NO, 20)
    assert watching.hears() == []
    watching.price_goes_to(50)
    assert "YES is down, now" in watching.hears()[0]


def test_the_close_and_the_result_are_told_once_each(watching: Watching) -> None:
    exchange, market = watching.exchange, watching.market
    exchange.asks(f"WATCH {market}")
    bookmaker = Bookmaker(exchange.world)
    bookmaker.closes(market)
    [told] = watching.hears()
    assert told == (
        f"Market {market} Gor Mahia win takes no more bets. YES stands at 50%. We will tell you"
        " the result."
    )
    bookmaker.proposes(market, Outcome.YES)
    assert watching.hears() == []
    bookmaker.resolves(market)
    bookmaker.pays(market)
    assert watching.hears() == [f"Market {market} Gor Mahia win: the result is YES."]
    assert watching.hears() == []
    bookmaker.ends_anew(market, Outcome.NO)
    assert watching.hears() == [f"Market {market} Gor Mahia win corrected: the result is NO."]
    exchange.world.moves(days=4)
    assert watching.hears() == []
    assert exchange.world.count("market_watch WHERE ended_at IS NULL") == 0, "it is final"


def test_who_has_a_bet_in_it_hears_of_the_result_with_the_money_only(watching: Watching) -> None:
    watching.exchange.asks(f"WATCH {watching.market}", phone=CROWD)
    Bookmaker(watching.exchange.world).ends(watching.market, Outcome.YES)
    assert watching.hears(CROWD) == []
    assert sum("result YES" in body for body in watching.exchange.queued(CROWD)) == 1


def test_a_void_is_a_result_and_a_dropped_one_is_none(watching: Watching) -> None:
    exchange, market = watching.exchange, watching.market
    exchange.asks(f"WATCH {market}")
    bookmaker, world = Bookmaker(exchange.world), exchange.world
    bookmaker.proposes(market, Outcome.VOID, window=timedelta(hours=1))
    disputes(world, market, CROWD)
    rules(world, market, Ruling.UPHELD, by=third_admin(world))
    assert watching.hears() == [], "it is open again"
    bookmaker.proposes(market, Outcome.VOID)
    bookmaker.resolves(market)
    bookmaker.pays(market)
    assert watching.hears() == [f"Market {market} Gor Mahia win: the result is VOID."]


def test_who_stops_news_is_not_told_then_nor_later(watching: Watching) -> None:
    exchange = watching.exchange
    exchange.asks(f"WATCH {watching.market}")
    exchange.asks("STOP")
    watching.price_goes_to(85)
    assert watching.hears() == []
    exchange.asks("START")
    assert watching.hears() == [], "what is old is no news"
    watching.price_goes_to(70)
    assert len(watching.hears()) == 1


def test_who_is_kept_out_is_not_told(watching: Watching) -> None:
    world = watching.exchange.world
    kept_out: dict[str, dict[str, object]] = {
        "+254700000011": {"break_until": func.kibeezy_now() + timedelta(days=1)},
        "+254700000012": {"locked_at": func.kibeezy_now()},
        "+254700000013": {"closed_at": func.kibeezy_now()},
    }
    for phone, values in kept_out.items():
        known = world.has_player(phone)
        watching.exchange.asks(f"WATCH {watching.market}", phone=phone)
        with world.database.begin() as connection:
            connection.execute(player.update().where(player.c.id == known.id).values(values))
    told = partial(map, watching.exchange.queued, kept_out)
    watching.price_goes_to(85)
    watch_markets(world.database)
    assert [len(bodies) for bodies in told()] == [1, 1, 1], "the answers to WATCH"
    world.moves(days=1)
    watching.price_goes_to(70)
    watch_markets(world.database)
    assert [len(bodies) for bodies in told()] == [2, 1, 1], "a break ends"


def test_a_correction_to_the_same_result_is_no_news(watching: Watching) -> None:
    exchange, market = watching.exchange, watching.market
    exchange.asks(f"WATCH {market}")
    bookmaker = Bookmaker(exchange.world)
    exchange.world.moves(hours=1)
    with exchange.world.database.connect() as connection:
        late_from = now(connection)
    exchange.world.moves(hours=1)
    watching.price_goes_to(55)
    bookmaker.ends(market, Outcome.YES)
    assert len(watching.hears()) == 1
    bookmaker.ends_anew(market, Outcome.YES, late_from=late_from)
    assert watching.hears() == []


def test_each_act_repeated_tells_nobody(watching: Watching) -> None:
    database, bookmaker = watching.exchange.world.database, Bookmaker(watching.exchange.world)
    watching.exchange.asks(f"WATCH {watching.market}")
    watching.price_goes_to(65)
    with database.connect() as connection:
        price = price_of(get_pool(connection, market_id=watching.market))
    assert price is not None

    def twice(act: Callable[..., Chunk], **given: object) -> list[Chunk]:
        found = bookmaker.market(watching.market)
        return [in_transaction(database, lambda c: act(c, market=found, **given)) for _ in "12"]

    assert twice(tell_moved, price=price) == [(1, 1), (0, 0)]
    bookmaker.closes(watching.market)
    assert twice(tell_closed, price=price) == [(1, 1), (0, 0)]
    bookmaker.proposes(watching.market, Outcome.NO)
    bookmaker.resolves(watching.market)
    bookmaker.pays(watching.market)
    assert twice(tell_result) == [(1, 1), (0, 0)]


def test_two_workers_at_once_tell_everybody_once(watching: Watching) -> None:
    exchange, together = watching.exchange, threading.Barrier(2)
    phones = [f"+2547100000{number:02}" for number in range(12)]
    for phone in phones:
        exchange.world.has_player(phone)
        exchange.writes(f"WATCH {watching.market}", phone=phone)
    watching.price_goes_to(85)
    Bookmaker(exchange.world).bets(CROWD, watching.market, Side.YES, 20)

    def looks(_worker: int) -> int:
        together.wait()
        return sum(watch_markets(exchange.world.database, limit=2) for _ in range(3))

    with ThreadPoolExecutor(2) as pool:
        told = sum(pool.map(looks, range(2)))
    assert told == 12
    for phone in phones:
        assert sum("YES is up" in body for body in exchange.queued(phone)) == 1


def test_the_worker_looks_for_ever(watching: Watching) -> None:
    exchange = watching.exchange
    exchange.asks(f"WATCH {watching.market}")
    database = exchange.world.database
    worker = Worker(database, watcher_jobs.jobs(database=database))
    for _ in range(2):
        watcher_jobs.begin(database)
    for percent in (65, 85):
        watching.price_goes_to(percent)
        exchange.world.moves(seconds=30)
        assert worker.run_due()
    assert sum("YES is up" in body for body in exchange.queued()) == 2
    assert len(exchange.jobs("tell_watchers")) == 1
