"""Where watching ends: after UNWATCH, after the close, and not before the result was told."""

from core.database import in_transaction
from core.markets.correction import FINAL_AFTER
from core.markets.rules import MarketStatus, Outcome, Side
from core.watchers.tell_watchers import end_final
from tests.core.markets.bookmaker import Bookmaker
from tests.sms.exchange import PHONE
from tests.sms.watching import CROWD, OTHER, RIVALS, Watching


def two_watch_and_one_ends_it(watching: Watching) -> None:
    exchange, market = watching.exchange, watching.market
    exchange.world.has_player(OTHER)
    for phone in (PHONE, OTHER):
        assert exchange.asks(f"WATCH {market}", phone=phone).startswith("You watch")
    assert exchange.asks(f"UNWATCH {market}").endswith("no more.")


def test_what_happens_is_told_to_those_only_who_still_watch(watching: Watching) -> None:
    exchange, market = watching.exchange, watching.market
    two_watch_and_one_ends_it(watching)
    bookmaker, before = Bookmaker(exchange.world), exchange.queued()

    def told_to_the_other() -> str:
        [body] = watching.hears(OTHER)
        assert exchange.queued() == before
        return body

    watching.price_goes_to(65)
    assert "YES is up" in told_to_the_other()
    bookmaker.closes(market)
    assert "takes no more bets" in told_to_the_other()
    bookmaker.proposes(market, Outcome.YES)
    bookmaker.resolves(market)
    bookmaker.pays(market)
    assert "the result is YES" in told_to_the_other()


def test_the_first_price_is_kept_for_those_only_who_still_watch(watching: Watching) -> None:
    world, bookmaker = watching.exchange.world, Bookmaker(watching.exchange.world)
    unpriced = Watching(watching.exchange, world.has_market("Will it rain?"))
    two_watch_and_one_ends_it(unpriced)
    bookmaker.bets(CROWD, unpriced.market, Side.YES, 500)
    bookmaker.bets(RIVALS, unpriced.market, Side.NO, 500)
    assert unpriced.hears(OTHER) == []
    assert world.count("market_watch WHERE step IS NOT NULL AND ended_at IS NULL") == 1
    assert world.count("market_watch WHERE step IS NOT NULL") == 1


def test_past_its_time_a_market_is_closed_though_the_worker_has_not_come(
    watching: Watching,
) -> None:
    exchange, market = watching.exchange, watching.market
    exchange.world.moves(days=9)
    assert Bookmaker(exchange.world).market(market).status is MarketStatus.OPEN
    assert exchange.asks(f"WATCH {market}") == (
        f"Market {market} is closed: its price moves no more."
    )
    assert exchange.world.count("market_watch") == 0


def test_a_watch_goes_on_until_its_result_was_told_however_final_it_is(
    watching: Watching,
) -> None:
    world, market = watching.exchange.world, watching.market
    watching.exchange.asks(f"WATCH {market}")
    Bookmaker(world).ends(market, Outcome.YES)
    world.moves(seconds=FINAL_AFTER.total_seconds() + 1)
    ended = in_transaction(world.database, lambda c: end_final(c, final_after=FINAL_AFTER))
    assert ended == (0, 0), "nobody was told yet"
    assert watching.hears() == [f"Market {market} Gor Mahia win: the result is YES."]
    assert world.count("market_watch WHERE ended_at IS NULL") == 0, "now it is told"
